import fc from 'fast-check';
import { RECORD_LIMITS } from '../../../lambdas/core/record-limits.ts';
import { forbiddenIn, weigh } from '../../../lambdas/producer/json-weight.ts';
import { parsePayload, Undecodable } from '../../../lambdas/runtime/decode/payload.ts';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

/** What a reader says of a JSON text: how many values it holds, or the code under which it rejects it. */
function readerSays(json: string): number | string {
  try {
    return parsePayload(Buffer.from(json)).values;
  } catch (error) {
    if (error instanceof Undecodable) return error.rejection.code;
    throw error;
  }
}

const odd = fc.constantFrom(
  '"',
  '\\',
  '{',
  '[',
  ',',
  ']',
  '}',
  '\\"',
  '\\\\"',
  '__proto__',
  '\ud800',
  '\udc00',
  '\\ud8',
);
const text = fc.oneof(
  fc.string(),
  fc.array(odd, { maxLength: 6 }).map((parts) => parts.join('')),
);
const json = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0.5, 1e-130, 9e-131, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e21, 0.1234567890123456),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(text, tie('value'), { maxKeys: 5 }),
    ),
  }))
  .value.map((value) => JSON.stringify(value));

test('a JSON text weighs what its readers find in it', () => {
  fc.assert(
    fc.property(json, (one) => {
      const says = readerSays(one);
      const { values, depth, isExact } = weigh(one);
      expect(isExact && forbiddenIn(one) === undefined).toBe(typeof says === 'number');
      if (typeof says === 'number') expect([values, depth]).toEqual([says, depthOf(JSON.parse(one))]);
    }),
    { numRuns: 2_000 },
  );
});

test('levels and values beyond what readers take are seen', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  expect(weigh(nested(RECORD_LIMITS.depth)).depth).toBe(RECORD_LIMITS.depth);
  expect(readerSays(nested(RECORD_LIMITS.depth))).toBe(RECORD_LIMITS.depth);
  expect(readerSays(nested(RECORD_LIMITS.depth + 1))).toBe('record.too-deep');
  const list = (values: number): string => `[${new Array(values - 1).fill('1').join()}]`;
  expect(weigh(list(RECORD_LIMITS.values)).values).toBe(RECORD_LIMITS.values);
  expect(readerSays(list(RECORD_LIMITS.values))).toBe(RECORD_LIMITS.values);
  expect(readerSays(list(RECORD_LIMITS.values + 1))).toBe('record.too-many-values');
});
