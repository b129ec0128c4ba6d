import * as z from 'zod';
import type { EventDefinition } from '../../../lambdas/core/catalogue.ts';
import { notesOn } from '../../../scripts/schemas/notes.ts';
import { publishedBreaks } from '../../../scripts/schemas/published.ts';
import { definitionOf, publishedAs, type Step, TYPE, typeOf } from './support.ts';

const first: Step = { schema: z.object({ km: z.number().max(900) }), example: { km: 16 } };
const second: Step = {
  schema: z.object({ km: z.number().max(900), name: z.string().optional() }),
  example: { km: 16 },
};
const published = publishedAs(definitionOf('FULL_TRANSITIVE', first, second));

const breaksOf = (now: EventDefinition | undefined) =>
  publishedBreaks(now === undefined ? [] : [typeOf(now)], published);
const brief = (now: EventDefinition) => breaksOf(now).map(({ version, path, rule }) => `${version} ${path} ${rule}`);
const withFirst = (schema: z.ZodType, mode: 'FULL_TRANSITIVE' | 'NONE' = 'NONE') =>
  definitionOf(mode, { schema, example: { km: 16, day: 'monday' } }, second);

describe('a published version', () => {
  test('may stay as it is, and have a further one after it', () => {
    expect(brief(definitionOf('FULL_TRANSITIVE', first, second))).toEqual([]);
    expect(brief(definitionOf('FULL_TRANSITIVE', first, second, second))).toEqual([]);
  });

  test('may be described in other words, in another order of members, and marked as personal data', () => {
    const km = z.number().max(900).describe('kilometres').meta({ title: 'km', pii: 'pseudonym' });
    expect(brief(withFirst(z.object({ km }).describe('a trip')))).toEqual([]);
    const reordered = { ...second, schema: z.object({ name: z.string().optional(), km: z.number().max(900) }) };
    expect(brief(definitionOf('NONE', first, reordered))).toEqual([]);
  });

  test.each<[string, z.ZodType, readonly string[]]>([
    ['narrower', z.object({ km: z.number().max(800) }), ['1 $.km maximum']],
    ['wider', z.object({ km: z.number().max(1000) }), ['1 $.km maximum']],
    ['of another type', z.object({ km: z.union([z.string(), z.number()]) }), ['1 $.km type', '1 $.km maximum']],
    ['with a member more', z.object({ km: z.number().max(900), day: z.string() }), ['1 $.day required']],
    // The same data are valid, and yet the text in the registry would be another one.
    [
      'with an optional member more',
      z.object({ km: z.number().max(900), day: z.string().optional() }),
      ['1 $.properties.day changed'],
    ],
    ['with a default', z.object({ km: z.number().max(900).default(1) }), ['1 $.km required']],
  ])('may not become %s, in no mode', (_, schema, expected) => {
    expect(brief(withFirst(schema))).toEqual(expected);
  });

  test('that has changed is to be restored, and the change to be published as a further version', () => {
    const [found] = breaksOf(withFirst(z.object({ km: z.number().max(800) })));
    expect(found).toMatchObject({ type: TYPE, version: 1, against: 1 });
    expect(found?.message).toBe(
      'version 1 is published (HEAD~1) and has changed: the published schema sends numbers up to 900, the changed one takes up to 800',
    );
    expect(found?.instead).toBe('restore version 1 and publish the change as version 3 with an upcaster (evolve)');
  });

  test('may not go, nor may its type', () => {
    expect(brief(definitionOf('FULL_TRANSITIVE', first))).toEqual(['2 $ removed']);
    expect(breaksOf(undefined)).toMatchObject([{ type: TYPE, version: 2, rule: 'removed' }]);
  });

  test('may not move to another line of compatibility', () => {
    expect(brief(definitionOf('FULL_TRANSITIVE', first, { ...second, breaks: 'why not' }))).toEqual(['2 $ line']);
  });

  test('keeps its marks of personal data', () => {
    const marked = (pii?: 'direct' | 'pseudonym') =>
      definitionOf('NONE', {
        schema: z.object({ name: pii ? z.string().meta({ pii }) : z.string() }),
        example: { name: 'a' },
      });
    const before = publishedAs(marked('direct'));
    expect(publishedBreaks([typeOf(marked('direct'))], before)).toEqual([]);
    expect(publishedBreaks([typeOf(marked('pseudonym'))], before)).toMatchObject([{ rule: 'personal-data' }]);
    expect(publishedBreaks([typeOf(marked())], before)).toMatchObject([
      { rule: 'personal-data', path: '$.properties.name', instead: "restore the mark: .meta({ pii: 'direct' })" },
    ]);
  });
});

describe('a note, which breaks nobody, tells', () => {
  const notes = (now: EventDefinition) => notesOn([typeOf(now)], published);

  test('of a weakened mode', () => {
    expect(notes(definitionOf('BACKWARD_TRANSITIVE', first, second))).toEqual([
      'trip.ended was FULL_TRANSITIVE (HEAD~1) and is BACKWARD_TRANSITIVE: readers can rely on less',
    ]);
    expect(notes(definitionOf('FULL', first, second))).toHaveLength(1);
    expect(notes(definitionOf('FULL_TRANSITIVE', first, second))).toEqual([]);
  });

  test('of a new version that breaks with the older ones', () => {
    expect(notes(definitionOf('FULL_TRANSITIVE', first, second, { ...first, breaks: 'no names any more' }))).toEqual([
      'trip.ended version 3 breaks with the versions before it: no names any more',
    ]);
  });

  test('that there was nothing to compare with', () => {
    const none = { label: 'HEAD~9', types: new Map() };
    expect(notesOn([typeOf(definitionOf('NONE', first))], none)).toEqual([
      'nothing is published (HEAD~9), so nothing was compared with it',
    ]);
  });

  test('of a default that has changed from one version to the next', () => {
    const leg = (km: number): Step => ({
      schema: z.object({ legs: z.array(z.object({ km: z.number().default(km) })) }),
      example: { legs: [{}] },
    });
    expect(notes(definitionOf('FULL_TRANSITIVE', leg(1), leg(2)))).toEqual([
      expect.stringContaining('the default of $.legs[*].km was 1 in version 1 and is 2'),
    ]);
  });
});
