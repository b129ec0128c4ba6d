import { compileFilterPattern } from '../../../../local/logs/filter-pattern.ts';

/** Patterns of CloudWatch Logs, on what functions write. */

const BLOCKED = JSON.stringify({
  level: 'ERROR',
  message: 'key blocked',
  keyHash: 'zzdy',
  attempts: 3,
  last: null,
  known: true,
  list: [{ name: 'first' }, { name: 'second' }],
  'a b': 'c*d',
});
const REPORT = JSON.stringify({
  type: 'platform.report',
  record: { status: 'timeout', metrics: { durationMs: 60_000 } },
});
const PLAIN = 'Task timed out, in "words"';

const EVENTS = { blocked: BLOCKED, report: REPORT, plain: PLAIN, broken: '{"level":"ERROR"' };

const matched = (pattern: string): readonly string[] => {
  const matches = compileFilterPattern(pattern);
  return Object.entries(EVENTS).flatMap(([name, text]) => (matches(text) ? [name] : []));
};

test.each<[string, string[]]>([
  ['', ['blocked', 'report', 'plain', 'broken']],
  ['{ $.level = "ERROR" }', ['blocked']],
  ['{$.level="ERROR"}', ['blocked']],
  ['{ $.level = ERROR }', ['blocked']],
  ['{ $.level = "error" }', []],
  ['{ $.level != "INFO" }', ['blocked']],
  ['{ $.message = "key *" }', ['blocked']],
  ['{ $.message = "*block*" }', ['blocked']],
  ['{ $.message = "key" }', []],
  ['{ $.keyHash = * }', ['blocked']],
  ['{ $.last = * }', []],
  ['{ $.attempts = 3 }', ['blocked']],
  ['{ $.attempts = "3" }', []],
  ['{ $.attempts >= 3 && $.attempts < 4 }', ['blocked']],
  ['{ $.attempts > 3 }', []],
  ['{ $.attempts <= 2.5e0 }', []],
  ['{ $.level < 3 }', []],
  ['{ $.last IS NULL }', ['blocked']],
  ['{ $.known IS TRUE }', ['blocked']],
  ['{ $.known IS FALSE }', []],
  ['{ $.level NOT EXISTS }', ['report']],
  ['{ $.list[1].name = "second" }', ['blocked']],
  ['{ $.list[2].name = "second" }', []],
  ['{ $[\'a b\'] = "c*d" }', ['blocked']],
  ['{ $.record.metrics.durationMs > 59999 }', ['report']],
  ['{ $.level = "ERROR" || $.record.status = "timeout" }', ['blocked', 'report']],
  ['{ ($.level = "ERROR" || $.record.status = "timeout") && $.keyHash NOT EXISTS }', ['report']],
  ['{ $.record.status = "timeout" || $.level = "ERROR" && $.attempts = 4 }', ['report']],
  ['{ $.toString = * }', []],
  ['timed out', ['plain']],
  ['out timed', ['plain']],
  ['Timed', []],
  ['"timed out"', ['plain']],
  ['"out timed"', []],
  ['"in \\"words\\""', ['plain']],
  ['ERROR -keyHash', ['broken']],
  ['?keyHash ?platform.report', ['blocked', 'report']],
  ['-level', ['report', 'plain']],
])('%s', (pattern, names) => {
  expect(matched(pattern)).toEqual(names);
});

test.each([
  ['{ $.level }', /character 11: an operator, IS or NOT EXISTS was expected/],
  ['{ level = "x" }', /character 3: a selector/],
  ['{ $.level = }', /character 13: a string, a number or \* was expected/],
  ['{ $.level < "x" }', /character 13: < compares with numbers/],
  ['{ ($.a = 1 }', /character 12: \) was expected/],
  ['{ $.a = 1 } more', /character 13: nothing was expected/],
  ['{ $.a = 1', /} was expected/],
  ['{ $.a = %x% }', /a string, a number or \*/],
  ['[a, b]', /no patterns of space-delimited fields/],
  ['%error%', /a term or a quoted phrase/],
  ['?a b', /mixes no terms/],
  ['"open', /a term or a quoted phrase/],
])('%s is refused, with the place', (pattern, problem) => {
  expect(() => compileFilterPattern(pattern)).toThrow(problem);
});
