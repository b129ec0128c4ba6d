import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { jsonSchemaOf } from '../../../scripts/schemas/from-zod.ts';
import { isObject, type Json, type JsonSchema } from '../../../scripts/schemas/json.ts';
import { shapeOf } from '../../../scripts/schemas/parse.ts';
import { findingsOf } from '../../../scripts/schemas/within.ts';
import { changed, dataOf, type Plan, plans, zodOf } from './random-schemas.ts';

const published = (plan: Plan): JsonSchema => jsonSchemaOf(zodOf(plan), 'test.random', 1, 'random');

function validatorOf(schema: JsonSchema): (data: unknown) => boolean {
  const ajv = new Ajv({ strict: false, allErrors: false });
  addFormats.default(ajv);
  return ajv.compile(schema as object);
}

/** Whether parsing left nothing out: writers are held to send no members that their schema does not declare. */
function isWhole(value: Json, parsed: Json): boolean {
  if (Array.isArray(value)) return value.every((item, index) => isWhole(item, (parsed as Json[])[index] as Json));
  if (!isObject(value)) return true;
  return Object.entries(value).every(
    ([name, part]) => isObject(parsed) && Object.hasOwn(parsed, name) && isWhole(part, parsed[name] as Json),
  );
}

describe('the check', () => {
  test('never calls a pair compatible of which the reader refuses what the writer sends', () => {
    let compatible = 0;
    let data = 0;
    const pairs = plans.chain((writer) => fc.record({ writer: fc.constant(writer), reader: changed(writer) }));
    fc.assert(
      fc.property(pairs, fc.nat(), ({ writer, reader }, seed) => {
        if (findingsOf(shapeOf(published(writer)), shapeOf(published(reader))).length > 0) return;
        compatible++;
        const [send, read] = [zodOf(writer), zodOf(reader)];
        for (const value of fc.sample(dataOf(writer), { numRuns: 20, seed })) {
          const sent = send.safeParse(value);
          if (!sent.success || !isWhole(value, sent.data as Json)) continue;
          data++;
          expect({ value, read: read.safeParse(value).success }).toEqual({ value, read: true });
        }
      }),
      { numRuns: 1_000 },
    );
    expect(compatible).toBeGreaterThan(200);
    expect(data).toBeGreaterThan(1_500);
  });

  test('calls every schema compatible with itself', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(findingsOf(shapeOf(published(plan)), shapeOf(published(plan)))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

test('the published schema judges data as zod does', () => {
  fc.assert(
    fc.property(
      plans.chain((plan) =>
        fc.record({ plan: fc.constant(plan), data: fc.oneof(dataOf(plan), changed(plan).chain(dataOf)) }),
      ),
      ({ plan, data }) => {
        const accepted = zodOf(plan).safeParse(data).success;
        // JSON Schema cannot say the rule of a refinement, so it may take what zod refuses.
        if (!accepted && JSON.stringify(plan).includes('refined')) return;
        expect(validatorOf(published(plan))(data)).toBe(accepted);
      },
    ),
    { numRuns: 120 },
  );
});
