import type { Resource, Templates } from './templates.ts';

/**
 * IAM's decision about a request, from the statements of one identity policy (IAM User Guide, "Policy evaluation logic"): what a
 * statement denies is denied, what none allows is denied, and the rest is allowed. Knows the operators that the templates use; anything
 * else throws, so that no test passes by a condition that was not looked at.
 */
export type Decision = 'allowed' | 'denied' | 'explicitly denied';

export interface Request {
  readonly action: string;
  /** As `Templates.readable` writes it: `<ProfilesTable/Table.Arn>`. */
  readonly resource: string;
  /** Values of condition keys; a list for keys with several values. What is not there is not in the request. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** A statement with its references written out. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Wanted values by operator and condition key. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export function decide(statements: readonly Statement[], request: Request): Decision {
  const effects = statements.filter((statement) => concerns(statement, request)).map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'explicitly denied';
  return effects.includes('Allow') ? 'allowed' : 'denied';
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const KNOWN_ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Condition']);

/** @throws Error for an element that is not evaluated, such as NotAction or Principal. */
export function statementsOf(templates: Templates, { stack, properties }: Resource): Statement[] {
  const readable = (value: unknown) => list(value).map((one) => templates.readable(stack, one));
  return properties.PolicyDocument.Statement.map((raw: Readonly<Record<string, object>>): Statement => {
    const unknown = Object.keys(raw).filter((element) => !KNOWN_ELEMENTS.has(element));
    if (unknown.length > 0) throw new Error(`elements that are not evaluated: ${unknown}`);
    const effect = String(raw.Effect);
    if (effect !== 'Allow' && effect !== 'Deny') throw new Error(`Effect ${effect}`);
    const conditions = Object.entries(raw.Condition ?? {}).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys as object).map(([key, wanted]) => [key, readable(wanted)])),
    ]);
    return {
      effect,
      actions: readable(raw.Action),
      resources: readable(raw.Resource),
      conditions: Object.fromEntries(conditions),
    };
  });
}

function concerns({ actions, resources, conditions }: Statement, { action, resource, context = {} }: Request): boolean {
  return (
    actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    resources.some((pattern) => matches(pattern, resource)) &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, wanted, valuesIn(context, key))),
    )
  );
}

/** `*` is any text, `?` any character, as IAM has it in actions, resources and StringLike. */
function matches(pattern: string, text: string): boolean {
  if (pattern.includes('${')) throw new Error(`policy variables are not evaluated: ${pattern}`);
  const expression = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\/-]/g, '\\$&')))
    .join('');
  return new RegExp(`^${expression}$`, 's').test(text);
}

/** Names of condition keys are case-insensitive. */
function valuesIn(context: NonNullable<Request['context']>, key: string): readonly string[] | undefined {
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : list(found[1]);
}

type Compare = (wanted: string, value: string) => boolean;

const OPERATORS: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringLike: matches,
  Bool: (wanted, value) => wanted.toLowerCase() === value.toLowerCase(),
};

/** A single-valued operator does not hold for a key that is missing, unless it ends with IfExists; ForAllValues holds for none at all. */
function holds(operator: string, wanted: readonly string[], values: readonly string[] | undefined): boolean {
  if (operator === 'Null') return wanted.includes(String(values === undefined));
  const [set, name] = operator.includes(':') ? operator.split(':') : [undefined, operator];
  const ifExists = name?.endsWith('IfExists') ?? false;
  const compare = OPERATORS[(name ?? '').replace(/IfExists$/, '')];
  if (compare === undefined) throw new Error(`condition operator ${operator} is not evaluated`);
  const one = (value: string) => wanted.some((pattern) => compare(pattern, value));
  if (set === 'ForAllValues') return (values ?? []).every(one);
  if (set === 'ForAnyValue') return (values ?? []).some(one);
  if (set !== undefined) throw new Error(`condition operator ${operator} is not evaluated`);
  if (values === undefined) return ifExists;
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) throw new Error(`${operator} has no meaning for several values`);
  return one(value);
}
