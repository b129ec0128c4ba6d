import * as z from 'zod';
import { COMPATIBILITY_MODES, type CompatibilityMode } from '../../../lambdas/core/catalogue.ts';
import { modeBreaks } from '../../../scripts/schemas/compatibility.ts';
import { definitionOf, type Step, typeOf } from './support.ts';

const km = z.number();

/** Pairs of versions that break, as `version against version path`. */
const broken = (mode: CompatibilityMode, ...steps: readonly Step[]): readonly string[] =>
  modeBreaks(typeOf(definitionOf(mode, ...steps))).map(
    ({ version, against, path }) => `${version} against ${against} ${path}`,
  );

/** An optional member that only the named versions declare, as the wide type or the narrow one. */
const wide: Step = { schema: z.object({ km: z.union([km, z.string()]) }), example: { km: 1 } };
const narrow: Step = { schema: z.object({ km }), example: { km: 1 } };
const without: Step = { schema: z.object({}), example: {} };
const narrowIfThere: Step = { schema: z.object({ km: km.optional() }), example: {} };

describe('a newer version that takes less than the one before', () => {
  const verdicts: Readonly<Record<CompatibilityMode, boolean>> = {
    BACKWARD: true,
    BACKWARD_TRANSITIVE: true,
    FORWARD: false,
    FORWARD_TRANSITIVE: false,
    FULL: true,
    FULL_TRANSITIVE: true,
    NONE: false,
  };
  test.each(COMPATIBILITY_MODES)('under %s, is a break if new readers must read old data', (mode) => {
    expect(broken(mode, wide, narrow)).toEqual(verdicts[mode] ? ['2 against 1 $.km'] : []);
  });
});

describe('a newer version that sends more than the one before takes', () => {
  const verdicts: Readonly<Record<CompatibilityMode, boolean>> = {
    BACKWARD: false,
    BACKWARD_TRANSITIVE: false,
    FORWARD: true,
    FORWARD_TRANSITIVE: true,
    FULL: true,
    FULL_TRANSITIVE: true,
    NONE: false,
  };
  test.each(COMPATIBILITY_MODES)('under %s, is a break if old readers must read new data', (mode) => {
    expect(broken(mode, narrow, wide)).toEqual(verdicts[mode] ? ['2 against 1 $.km'] : []);
  });
});

describe('a member that goes and comes back with another type', () => {
  const text: Step = { schema: z.object({ km: z.string().optional() }), example: {} };
  // Neighbours read each other; the first and the third version do not.
  test.each<[CompatibilityMode, readonly string[]]>([
    ['BACKWARD', []],
    ['BACKWARD_TRANSITIVE', ['3 against 1 $.km']],
    ['FORWARD', []],
    ['FORWARD_TRANSITIVE', ['3 against 1 $.km']],
    ['FULL', []],
    ['FULL_TRANSITIVE', ['3 against 1 $.km', '3 against 1 $.km']],
    ['NONE', []],
  ])('under %s, is a break if versions count transitively', (mode, expected) => {
    expect(broken(mode, narrowIfThere, without, text)).toEqual(expected);
  });
});

describe('a version that breaks and says so', () => {
  test('is not compared with those before it, and those after it are', () => {
    const metres = (schema: z.ZodType): Step => ({ schema: z.object({ metres: schema }), example: { metres: 1 } });
    const breaking = { ...metres(z.number()), breaks: 'kilometres were too coarse' };
    expect(broken('FULL_TRANSITIVE', narrow, breaking)).toEqual([]);
    expect(broken('FULL_TRANSITIVE', narrow, breaking, metres(z.int()))).toEqual([
      '3 against 2 $.metres',
      '3 against 2 $.metres',
      '3 against 2 $.metres',
    ]);
  });
});

describe('a break', () => {
  const [found] = modeBreaks(
    typeOf(definitionOf('FULL_TRANSITIVE', without, { schema: z.object({ km }), example: { km: 1 } })),
  );

  test('names type, versions, path and rule, and who cannot read whom', () => {
    expect(found).toMatchObject({
      type: 'trip.ended',
      version: 2,
      against: 1,
      path: '$.km',
      rule: 'required',
      proven: true,
    });
    expect(found?.message).toBe('FULL_TRANSITIVE is broken: version 1 has no such member, version 2 requires it');
  });

  test('says what to do instead', () => {
    expect(found?.instead).toBe(
      'make it optional, or give it a default; or give version 2 `breaks`, which says why the mode cannot be kept, beside its upcaster',
    );
  });
});
