import fc from 'fast-check';
import type { StateValue } from '../../../../local/metrics/alarm.ts';
import { type AlarmRule, alarmsIn, holds, parseRule, RuleError } from '../../../../local/metrics/alarm-rule.ts';

const STATES: Readonly<Record<string, StateValue>> = { bad: 'ALARM', good: 'OK', new: 'INSUFFICIENT_DATA' };
const stateOf = (alarm: string): StateValue => STATES[alarm] ?? 'OK';
const isTrue = (rule: string): boolean => holds(parseRule(rule), stateOf);

describe('a rule of a composite alarm', () => {
  test.each([
    ['ALARM(bad)', true],
    ['ALARM(good)', false],
    ['OK("good")', true],
    ["INSUFFICIENT_DATA('new')", true],
    ['INSUFFICIENT_DATA(good)', false],
    ['TRUE', true],
    ['FALSE OR TRUE', true],
    ['ALARM(bad) AND OK(bad)', false],
    ['NOT ALARM(good)', true],
    ['NOT NOT ALARM(bad)', true],
    ['NOT (ALARM(bad) OR ALARM(good))', false],
    ['\n  ALARM(  "bad"  )\n  AND(OK(good))  ', true],
  ])('%s is %p', (rule, expected) => {
    expect(isTrue(rule)).toBe(expected);
  });

  test.each([
    ['AND binds closer than OR', 'TRUE OR TRUE AND FALSE', true],
    ['parentheses bind closest', '(TRUE OR TRUE) AND FALSE', false],
    ['NOT binds closer than AND', 'NOT FALSE AND FALSE', false],
    ['NOT binds closer than OR', 'NOT TRUE OR TRUE', true],
  ])('%s: %s', (_, rule, expected) => {
    expect(isTrue(rule)).toBe(expected);
  });

  test('names are quoted or not, with blanks and words of the language in them, or ARNs', () => {
    const arn = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:stale';
    const rule = parseRule(`ALARM("a OR b (c)") OR OK(plain) OR NOT ALARM("${arn}") OR OK(${arn}) OR OK("AND")`);
    expect(alarmsIn(rule)).toEqual(['a OR b (c)', 'plain', 'stale', 'stale', 'AND']);
  });

  test.each([
    ['', /at its end/],
    ['ALARM(bad', /ALARM\(bad: does not make sense at its end/],
    ['ALARM bad', /at "bad"/],
    ['ALARM(bad) OK(good)', /at "OK"/],
    ['ALARM(bad) AND', /at its end/],
    ['AND ALARM(bad)', /at "AND"/],
    ['ALARM(bad) XOR OK(good)', /at "XOR"/],
    ['BROKEN(bad)', /at "BROKEN"/],
    ['"ALARM"(bad)', /at "ALARM"/],
    ['(TRUE', /at its end/],
    ['TRUE)', /at "\)"/],
    ['alarm(bad)', /at "alarm"/],
    ['ALARM("bad)', /quotation mark has no partner/],
    ['ALARM()', /at "\)"/],
    ['ALARM())', /at "\)"/],
    ['ALARM(()', /at "\("/],
  ])('%j is refused with the place where it goes wrong', (rule, problem) => {
    expect(() => parseRule(rule)).toThrow(RuleError);
    expect(() => parseRule(rule)).toThrow(problem);
  });

  test('any tree is read back from its text, without needless parentheses', () => {
    const { rule } = fc.letrec<{ rule: AlarmRule }>((tie) => ({
      rule: fc.oneof(
        { depthSize: 'small' },
        fc.record({ kind: fc.constant('constant' as const), value: fc.boolean() }),
        fc.record({
          kind: fc.constant('state' as const),
          state: fc.constantFrom<StateValue>('OK', 'ALARM', 'INSUFFICIENT_DATA'),
          alarm: fc.constantFrom('bad', 'good', 'new', 'a b'),
        }),
        fc.record({ kind: fc.constant('not' as const), of: tie('rule') }),
        fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('rule'), right: tie('rule') }),
      ),
    }));
    fc.assert(fc.property(rule, (tree) => expect(parseRule(textOf(tree, 0))).toEqual(tree)));
  });
});

/** @param level how close what stands around it binds: OR 1, AND 2, NOT 3. */
function textOf(rule: AlarmRule, level: number): string {
  switch (rule.kind) {
    case 'constant':
      return rule.value ? 'TRUE' : 'FALSE';
    case 'state':
      return `${rule.state}("${rule.alarm}")`;
    case 'not':
      return `NOT ${textOf(rule.of, 3)}`;
    default: {
      const own = rule.kind === 'or' ? 1 : 2;
      const text = `${textOf(rule.left, own)} ${rule.kind.toUpperCase()} ${textOf(rule.right, own + 1)}`;
      return own < level ? `(${text})` : text;
    }
  }
}
