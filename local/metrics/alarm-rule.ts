import type { StateValue } from './alarm.ts';

/** The rule of a composite alarm, as a tree. */
export type AlarmRule =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: StateValue; readonly alarm: string }
  | { readonly kind: 'not'; readonly of: AlarmRule }
  | { readonly kind: 'and' | 'or'; readonly left: AlarmRule; readonly right: AlarmRule };

/** A rule that is malformed. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}

const STATES = new Set<string>(['ALARM', 'OK', 'INSUFFICIENT_DATA'] satisfies StateValue[]);
const TOKEN = /\s*(?:"([^"]*)"|'([^']*)'|([()])|([^\s()"']+))/y;

interface Token {
  readonly text: string;
  readonly isName: boolean;
}

/**
 * Reads `ALARM("a") OR (OK(b) AND NOT INSUFFICIENT_DATA(c))`: names or ARNs of alarms, quoted or not, and the constants
 * TRUE and FALSE. AND binds closer than OR, NOT closer than both (User Guide, "Create a composite alarm").
 *
 * @throws RuleError saying where it stops making sense.
 */
export function parseRule(text: string): AlarmRule {
  const tokens = tokensOf(text);
  let at = 0;
  const fail = (): never => {
    const where = tokens[at] === undefined ? 'its end' : `"${tokens[at]?.text}"`;
    throw new RuleError(`alarm rule ${text}: does not make sense at ${where}`);
  };
  const isNext = (word: string): boolean => tokens[at]?.text === word && !tokens[at]?.isName;
  const take = (word: string): void => {
    if (!isNext(word)) fail();
    at += 1;
  };
  const or = (): AlarmRule => {
    let left = and();
    for (; isNext('OR'); left = { kind: 'or', left, right: and() }) at += 1;
    return left;
  };
  const and = (): AlarmRule => {
    let left = not();
    for (; isNext('AND'); left = { kind: 'and', left, right: not() }) at += 1;
    return left;
  };
  const not = (): AlarmRule => {
    if (!isNext('NOT')) return primary();
    at += 1;
    return { kind: 'not', of: not() };
  };
  const primary = (): AlarmRule => {
    const word = tokens[at]?.isName ? fail() : (tokens[at]?.text ?? fail());
    at += 1;
    if (word === 'TRUE' || word === 'FALSE') return { kind: 'constant', value: word === 'TRUE' };
    if (word === '(') {
      const inner = or();
      take(')');
      return inner;
    }
    if (!STATES.has(word)) {
      at -= 1;
      return fail();
    }
    take('(');
    if (isNext('(') || isNext(')')) fail();
    const name = tokens[at]?.text ?? fail();
    at += 1;
    take(')');
    return { kind: 'state', state: word as StateValue, alarm: nameOf(name) };
  };
  const rule = or();
  if (at < tokens.length) fail();
  return rule;
}

/** Names of the alarms that a rule asks about. */
export function alarmsIn(rule: AlarmRule): readonly string[] {
  switch (rule.kind) {
    case 'constant':
      return [];
    case 'state':
      return [rule.alarm];
    case 'not':
      return alarmsIn(rule.of);
    default:
      return [...alarmsIn(rule.left), ...alarmsIn(rule.right)];
  }
}

/** Whether a rule holds. @param stateOf the state of the alarm of a name. */
export function holds(rule: AlarmRule, stateOf: (alarm: string) => StateValue): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !holds(rule.of, stateOf);
    case 'and':
      return holds(rule.left, stateOf) && holds(rule.right, stateOf);
    case 'or':
      return holds(rule.left, stateOf) || holds(rule.right, stateOf);
  }
}

/** `arn:aws:cloudwatch:…:alarm:name` names the alarm `name`. */
const nameOf = (nameOrArn: string): string =>
  /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (!match) throw new RuleError(`alarm rule ${text}: a quotation mark has no partner`);
    const quoted = match[1] ?? match[2];
    tokens.push({ text: quoted ?? match[3] ?? match[4] ?? '', isName: quoted !== undefined });
  }
  return tokens;
}
