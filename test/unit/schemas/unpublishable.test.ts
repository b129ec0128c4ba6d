import * as z from 'zod';
import { catalogueOf } from '../../../lambdas/core/catalogue.ts';
import { eventTypesOf } from '../../../scripts/schemas/event-types.ts';
import { jsonSchemaOf } from '../../../scripts/schemas/from-zod.ts';
import { definitionOf, type Step } from './support.ts';

const problems = (schema: z.ZodType): string => {
  try {
    jsonSchemaOf(schema, 'test.type', 1, 'a test');
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('what JSON Schema cannot say the same of is refused, with its place', () => {
  test.each<[string, z.ZodType, string]>([
    ['a transformation', z.object({ a: z.string().transform(Number) }), 'a: pipe changes data'],
    ['coercion', z.object({ a: z.coerce.number() }), 'a: coercion takes what the schema does not say'],
    ['a date', z.array(z.date()), '[*]: date changes data'],
    ['a fallback', z.object({ a: z.string().catch('x') }), 'a: catch changes data'],
    ['trimming', z.object({ a: z.string().trim() }), 'a: the check overwrite'],
    ['a pattern with flags', z.string().regex(/x/i), 'the data: the pattern /x/i has flags'],
    [
      'a rule in code without a message',
      z.object({ a: z.array(z.string().refine(Boolean)) }),
      'a[*]: a refinement without a message',
    ],
    ['a URL with a rule of its own', z.url({ hostname: /^a/ }), 'a URL with a rule for host or protocol'],
    ['a default that is invalid', z.object({ a: z.int().default(1.5) }), 'a: its default does not satisfy'],
    [
      'an unknown mark of personal data',
      z.object({ a: z.string().meta({ pii: 'secret' as 'direct' }) }),
      'a: pii is "secret"; known are direct',
    ],
    ['a map', z.map(z.string(), z.string()), 'the data: map changes data'],
  ])('%s', (_, schema, problem) => {
    expect(problems(schema)).toContain(problem);
  });

  test('but what it can say is not', () => {
    expect(problems(z.object({ a: z.email().nullish(), b: z.iso.datetime().default('2026-11-01T00:00:00Z') }))).toBe(
      'none',
    );
    expect(problems(z.object({ a: z.string() }).refine(({ a }) => a !== 'b', 'must not be b'))).toBe('none');
  });

  test('rules in code are told by place and message', () => {
    const schema = z.object({ a: z.string() }).refine(() => true, { path: ['a'], message: 'must be nice' });
    expect(jsonSchemaOf(schema, 'test.type', 1, 'a test')).toMatchObject({ 'x-refinements': ['a: must be nice'] });
  });
});

describe('an example', () => {
  const messages = (...steps: readonly Step[]) =>
    eventTypesOf(catalogueOf([definitionOf('NONE', ...steps)])).problems.map(
      ({ version, message }) => `${version}: ${message}`,
    );
  const good: Step = { schema: z.object({ km: z.number() }), example: { km: 1 } };

  test('satisfies its own version', () => {
    expect(messages(good)).toEqual([]);
    expect(messages({ ...good, example: { km: 'far' } })).toEqual([
      expect.stringContaining('1: its example does not satisfy its own schema: km: '),
    ]);
  });

  test('of an older version becomes, upcast, one of the newest', () => {
    // The upcasters of tests give the next version's example, whatever they get.
    expect(messages(good, { schema: z.object({ m: z.number() }), example: { m: 'far' } })).toEqual([
      expect.stringContaining('1: its example, upcast, does not satisfy the newest version: m: '),
      expect.stringContaining('2: its example does not satisfy its own schema: m: '),
    ]);
  });

  test('is what an upcaster must not throw on', () => {
    const definition = definitionOf('NONE', good, good);
    const [first, ...rest] = definition.versions;
    const broken = {
      ...definition,
      versions: [
        {
          ...first,
          schema: good.schema,
          example: { km: 1 },
          upcast: () => {
            throw new RangeError('no road');
          },
        },
        ...rest,
      ],
    };
    expect(eventTypesOf(catalogueOf([broken])).problems).toEqual([
      { type: 'trip.ended', version: 1, message: 'its upcaster throws on its example: no road' },
    ]);
  });
});
