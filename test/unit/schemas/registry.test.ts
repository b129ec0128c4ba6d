import { Ajv } from 'ajv';
import * as z from 'zod';
import type { CompatibilityMode } from '../../../lambdas/core/catalogue.ts';
import { registrySchemasOf, registryText } from '../../../scripts/schemas/registry.ts';
import { definitionOf, type Step, typeOf } from './support.ts';

const km: Step = { schema: z.object({ km: z.number() }), example: { km: 1 } };
const named: Step = { schema: z.object({ km: z.number(), name: z.string().optional() }), example: { km: 1 } };
const schemas = (mode: CompatibilityMode, ...steps: readonly Step[]) =>
  registrySchemasOf(typeOf(definitionOf(mode, ...steps)));

describe('the registry has', () => {
  test('one schema for versions that are compatible, and a further one from each that breaks', () => {
    expect(schemas('FULL_TRANSITIVE', km, named, { ...km, breaks: 'so' }, km)).toMatchObject([
      { name: 'trip.ended', versions: [1, 2] },
      { name: 'trip.ended.3', versions: [3, 4] },
    ]);
  });

  test.each<[CompatibilityMode, string]>([
    ['BACKWARD', 'BACKWARD'],
    ['BACKWARD_TRANSITIVE', 'BACKWARD_ALL'],
    ['FORWARD', 'FORWARD'],
    ['FORWARD_TRANSITIVE', 'FORWARD_ALL'],
    ['FULL', 'FULL'],
    ['FULL_TRANSITIVE', 'FULL_ALL'],
    ['NONE', 'NONE'],
  ])('the mode %s under the name %s, while there is nothing that it would refuse', (mode, name) => {
    expect(schemas(mode, km)).toMatchObject([{ compatibility: name }]);
  });

  // Glue reads and writes with one schema, so that old readers refuse added members and new readers removed ones.
  test.each<[string, CompatibilityMode, readonly [Step, Step], string]>([
    ['an added optional member', 'FULL_TRANSITIVE', [km, named], 'BACKWARD_ALL'],
    ['an added optional member', 'FULL', [km, named], 'BACKWARD'],
    ['an added optional member', 'FORWARD_TRANSITIVE', [km, named], 'NONE'],
    ['a removed optional member', 'FULL_TRANSITIVE', [named, km], 'NONE'],
  ])('for %s under %s, the strongest mode that lets it in', (_, mode, steps, name) => {
    expect(schemas(mode, ...steps)).toMatchObject([{ compatibility: name }]);
  });
});

describe('the text in the registry', () => {
  const schema = z.object({
    km: z.number().describe('far').meta({ pii: 'pseudonym' }),
    legs: z.array(z.object({ name: z.string() })),
    tags: z.record(z.string(), z.object({ a: z.int() })),
    more: z.looseObject({}).optional(),
  });
  const example = { km: 1, legs: [], tags: {} };
  const textOf = (one: z.ZodType): string =>
    registryText(typeOf(definitionOf('NONE', { schema: one, example })).versions[0]?.schema ?? true);
  const accepts = new Ajv({ strict: false }).compile(JSON.parse(textOf(schema)));

  test('takes what the schema takes, and no members that it does not declare', () => {
    expect(accepts(example)).toBe(true);
    expect(accepts({ ...example, legs: [{ name: 'a' }], tags: { x: { a: 1 } }, more: { any: 'thing' } })).toBe(true);
    expect(accepts({ ...example, mk: 1 })).toBe(false);
    expect(accepts({ ...example, legs: [{ name: 'a', nmae: 'a' }] })).toBe(false);
    expect(accepts({ ...example, tags: { x: { a: 1, b: 1 } } })).toBe(false);
  });

  test('stays the same when only descriptions change, and names its draft', () => {
    expect(textOf(schema.describe('other words'))).toBe(textOf(schema));
    expect(textOf(schema)).not.toContain('far');
    expect(JSON.parse(textOf(schema))).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
  });
});
