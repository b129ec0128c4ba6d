import { TemplateError } from './errors.ts';
import { PLACEHOLDER, soleEntry } from './references.ts';

/** Where the values of references come from. Each member throws a TemplateError for a name that it does not know. */
export interface Scope {
  /** Of a parameter, a pseudo-parameter or a resource. `undefined` stands for AWS::NoValue. */
  ref(name: string, where: string): unknown;
  attribute(logicalId: string, attribute: string, where: string): unknown;
  condition(name: string, where: string): boolean;
  importValue(name: string, where: string): unknown;
}

type Resolve = (argument: unknown, scope: Scope, where: string) => unknown;

/**
 * A template value with every intrinsic function replaced by its value. Members and elements that are AWS::NoValue go.
 *
 * @param where for messages: `Stack/LogicalId Properties`.
 * @throws TemplateError for an intrinsic that is unknown or malformed, and for what cannot be resolved.
 */
export function resolve(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value.map((e, i) => resolve(e, scope, `${where}[${i}]`)).filter((e) => e !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  const intrinsic = intrinsicOf(value, where);
  if (intrinsic) return intrinsic.resolve(intrinsic.argument, scope, where);
  const members = Object.entries(value).map(([key, e]) => [key, resolve(e, scope, `${where}.${key}`)] as const);
  return Object.fromEntries(members.filter(([, e]) => e !== undefined));
}

/** The value of a condition as the Conditions section writes it. */
export function resolveCondition(value: unknown, scope: Scope, where: string): boolean {
  const [name, argument] = soleEntry(value) ?? [];
  const operands = (least: number, most: number) => list(argument, where, least, most);
  const each = (e: unknown) => resolveCondition(e, scope, where);
  switch (name) {
    case 'Condition':
      return scope.condition(text(argument, where), where);
    case 'Fn::Equals': {
      const [left, right] = operands(2, 2).map((e) => resolve(e, scope, where));
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case 'Fn::And':
      return operands(2, 10).every(each);
    case 'Fn::Or':
      return operands(2, 10).some(each);
    case 'Fn::Not':
      return !operands(1, 1).every(each);
    default:
      throw new TemplateError(
        'template.unknown-intrinsic',
        where,
        `${JSON.stringify(value)} is no condition; known are Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition`,
      );
  }
}

const INTRINSICS: Readonly<Record<string, Resolve>> = {
  Ref: (argument, scope, where) => scope.ref(text(argument, where), where),
  'Fn::GetAtt': (argument, scope, where) => {
    const [id, ...path] = Array.isArray(argument) ? argument : text(argument, where).split('.');
    return scope.attribute(
      text(id, where),
      path.map((part) => text(resolve(part, scope, where), where)).join('.'),
      where,
    );
  },
  'Fn::Sub': (argument, scope, where) => {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    return substitute(text(template, where), (resolve(variables, scope, where) ?? {}) as object, scope, where);
  },
  'Fn::Join': (argument, scope, where) => {
    const [delimiter, parts] = list(argument, where, 2, 2);
    return list(resolve(parts, scope, where), where)
      .map((part) => text(part, where))
      .join(text(delimiter, where));
  },
  'Fn::Split': (argument, scope, where) => {
    const [delimiter, source] = list(argument, where, 2, 2);
    return text(resolve(source, scope, where), where).split(text(delimiter, where));
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, from] = list(resolve(argument, scope, where), where, 2, 2);
    const choices = list(from, where);
    if (choices[Number(index)] !== undefined) return choices[Number(index)];
    throw invalid(where, `Fn::Select has no element ${index} among ${choices.length}`);
  },
  'Fn::If': (argument, scope, where) => {
    const [condition, then, otherwise] = list(argument, where, 3, 3);
    return resolve(scope.condition(text(condition, where), where) ? then : otherwise, scope, where);
  },
  'Fn::ImportValue': (argument, scope, where) => scope.importValue(text(resolve(argument, scope, where), where), where),
};

function intrinsicOf(value: object, where: string): { resolve: Resolve; argument: unknown } | undefined {
  const name = Object.keys(value).find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (name === undefined) return undefined;
  const known = INTRINSICS[name];
  if (!known) {
    const names = Object.keys(INTRINSICS).join(', ');
    throw new TemplateError('template.unknown-intrinsic', where, `${name} is not known here; known are ${names}`);
  }
  const entry = soleEntry(value);
  if (!entry) throw invalid(where, `${name} stands beside other members`);
  return { resolve: known, argument: entry[1] };
}

function substitute(template: string, variables: object, scope: Scope, where: string): string {
  return template.replaceAll(PLACEHOLDER, (_, escaped: string, name: string) => {
    if (escaped) return `\${${name}}`;
    const own = Object.entries(variables).find(([key]) => key === name.trim());
    if (own) return text(own[1], where);
    const [id = '', ...attribute] = name.trim().split('.');
    const value = attribute.length > 0 ? scope.attribute(id, attribute.join('.'), where) : scope.ref(id, where);
    return text(value, where);
  });
}

/** Numbers and Booleans become text where CloudFormation wants text. */
function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(where, `${JSON.stringify(value)} stands where a text belongs`);
}

function list(value: unknown, where: string, least = 0, most = Number.POSITIVE_INFINITY): unknown[] {
  if (Array.isArray(value) && value.length >= least && value.length <= most) return value;
  throw invalid(where, `${JSON.stringify(value)} stands where a list${least > 0 ? ` of ${least}` : ''} belongs`);
}

const invalid = (where: string, problem: string): TemplateError =>
  new TemplateError('template.invalid-intrinsic', where, problem);
