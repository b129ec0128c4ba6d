import fc from 'fast-check';
import * as z from 'zod';
import { defineEvent } from '../../../lambdas/core/catalogue.ts';
import { maskedEvent, newMask, noMask } from '../../../local/cli/tail/mask.ts';
import { eventOf } from '../../support/events.ts';

const mask = newMask(Buffer.from('a key of the test'));
const pii = (schema: z.ZodType = z.string()) => schema.meta({ pii: 'direct' });
const STAND_IN = /^#[0-9a-f]{6}$/;

describe('marked data are masked wherever the mark stands', () => {
  test.each<[string, z.ZodType, unknown, unknown]>([
    [
      'a member',
      z.object({ a: pii(), b: z.string() }),
      { a: 'x', b: 'y' },
      { a: expect.stringMatching(STAND_IN), b: 'y' },
    ],
    [
      'a mark outside of optional',
      z.object({ a: z.string().optional().meta({ pii: 'direct' }) }),
      { a: 'x' },
      { a: expect.stringMatching(STAND_IN) },
    ],
    [
      'a mark inside of wrappers',
      z.object({ a: pii().nullable().default('d').readonly() }),
      { a: 'x' },
      { a: expect.stringMatching(STAND_IN) },
    ],
    [
      'a mark before a refinement',
      z.object({ a: (pii() as z.ZodString).min(1).refine(() => true) }),
      { a: 'x' },
      { a: expect.stringMatching(STAND_IN) },
    ],
    ['elements', z.array(pii()), ['x', 'y'], [expect.stringMatching(STAND_IN), expect.stringMatching(STAND_IN)]],
    [
      'a tuple',
      z.tuple([z.string(), pii()]).rest(pii()),
      ['a', 'x', 'y'],
      ['a', expect.stringMatching(STAND_IN), expect.stringMatching(STAND_IN)],
    ],
    ['values of a record', z.record(z.string(), pii()), { a: 'x' }, { a: expect.stringMatching(STAND_IN) }],
    [
      'an option of a union',
      z.union([z.object({ a: z.string() }), z.object({ a: pii() })]),
      { a: 'x' },
      { a: expect.stringMatching(STAND_IN) },
    ],
    [
      'an option of a discriminated union',
      z.discriminatedUnion('k', [
        z.object({ k: z.literal('p'), a: pii() }),
        z.object({ k: z.literal('q'), b: z.string() }),
      ]),
      { k: 'p', a: 'x' },
      { k: 'p', a: expect.stringMatching(STAND_IN) },
    ],
    [
      'an intersection',
      z.intersection(z.object({ a: z.string() }), z.object({ b: pii() })),
      { a: 'x', b: 'y' },
      { a: 'x', b: expect.stringMatching(STAND_IN) },
    ],
    ['a lazy schema', z.object({ a: z.lazy(() => pii()) }), { a: 'x' }, { a: expect.stringMatching(STAND_IN) }],
    [
      'a pipe',
      z.object({
        a: z
          .string()
          .transform((text) => text.length)
          .pipe(z.number())
          .meta({ pii: 'direct' }),
      }),
      { a: 1 },
      { a: expect.stringMatching(STAND_IN) },
    ],
    ['a number', z.object({ a: pii(z.number()) }), { a: 7 }, { a: expect.stringMatching(STAND_IN) }],
    [
      'an object as a whole',
      z.object({ a: pii(z.object({ b: z.string() })) }),
      { a: { b: 'x' } },
      { a: expect.stringMatching(STAND_IN) },
    ],
    [
      'members that any others may be',
      z.object({ a: z.string() }).catchall(pii()),
      { a: 'x', other: 'y' },
      { a: 'x', other: expect.stringMatching(STAND_IN) },
    ],
    ['null, which tells nothing', z.object({ a: pii().nullable() }), { a: null }, { a: null }],
    ['what has no mark', z.object({ a: z.array(z.number()) }), { a: [1, 2] }, { a: [1, 2] }],
  ])('%s', (_, schema, data, masked) => expect(mask.data(data, schema)).toEqual(masked));

  test('names of a record', () => {
    const schema = z.record(z.string().meta({ pii: 'direct' }), z.int());
    expect(Object.keys(mask.data({ ada: 1 }, schema) as object)).toEqual([expect.stringMatching(STAND_IN)]);
  });

  test('nothing of a marked value is left, whatever the data look like', () => {
    const schema = z.object({
      person: z.object({ name: pii(), tags: z.array(pii()) }),
      by: z.record(z.string(), z.union([pii(), z.object({ deep: z.array(z.object({ secret: pii() })) })])),
    });
    const secret = fc
      .string({ unit: fc.constantFrom('s', 'e', 'c'), minLength: 6, maxLength: 12 })
      .map((text) => `!${text}!`);
    const data = fc.record({
      person: fc.record({ name: secret, tags: fc.array(secret) }),
      by: fc.dictionary(
        fc.constantFrom('a', 'b'),
        fc.oneof(secret, fc.record({ deep: fc.array(fc.record({ secret })) })),
      ),
    });
    fc.assert(fc.property(data, (one) => expect(JSON.stringify(mask.data(one, schema))).not.toContain('!')));
  });
});

describe('stand-ins', () => {
  test('are the same for the same value in one run, and others in the next', () => {
    const [other, again] = [newMask(), newMask()];
    expect(mask.value('ada')).toBe(mask.value('ada'));
    expect(mask.value('ada')).not.toBe(mask.value('bob'));
    expect(other.value('ada')).not.toBe(again.value('ada'));
  });
});

const about = (subject: object) =>
  defineEvent('thing.seen', {
    description: 'd',
    owner: 'o',
    subject: { is: 'id', example: 'x', ...subject },
    schema: z.object({ note: pii(), count: z.int() }),
    example: { note: 'n', count: 1 },
  });
const event = {
  ...eventOf(
    about({}),
    { note: 'private', count: 3 },
    { subject: 'ada/1', source: 'urn:millrace:profiles:ada%2F1:e', id: 'x-ada/1' },
  ),
  partitionkey: 'ada/1',
};

describe('an event', () => {
  test('names a subject that is personal data nowhere, its effects included', () => {
    const definition = about({ pii: 'pseudonym' });
    const shown = maskedEvent(event, definition, 1, mask);
    expect(JSON.stringify(shown)).not.toMatch(/ada|private/);
    expect(shown).toMatchObject({ source: `urn:millrace:profiles:${shown.subject}:e`, data: { count: 3 } });
    expect(shown.partitionkey).toBe(shown.subject);
  });

  test('keeps a subject that is none', () => {
    expect(maskedEvent(event, about({}), 1, mask)).toMatchObject({
      subject: 'ada/1',
      source: event.source,
      data: { note: expect.stringMatching(STAND_IN) },
    });
  });

  test('of a version that nobody knows is masked as a whole', () => {
    expect(maskedEvent(event, about({}), 2, mask).data).toMatch(STAND_IN);
  });

  test('is shown as it is without a mask', () => {
    expect(maskedEvent(event, about({ pii: 'pseudonym' }), 1, noMask)).toEqual(event);
  });
});
