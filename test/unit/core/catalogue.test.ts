import * as z from 'zod';
import { catalogueOf, evolve, newestVersion, upcast } from '../../../lambdas/core/catalogue.ts';
import { publish } from '../../../lambdas/core/effect.ts';
import { migrate, type StateSchema } from '../../../lambdas/core/processor.ts';
import { testEvent } from '../../support/events.ts';

const v1 = testEvent('trip.ended', z.object({ miles: z.number() }), { miles: 10 });
const v2 = evolve(v1, {
  schema: z.object({ km: z.number() }),
  example: { km: 16 },
  upcast: ({ miles }) => ({ km: miles * 1.6 }),
  breaks: 'miles became kilometres',
});
const v3 = evolve(v2, {
  schema: z.object({ metres: z.number() }),
  example: { metres: 16_000 },
  upcast: ({ km }) => ({ metres: km * 1000 }),
});

describe('an event type', () => {
  test('has as many versions as it was evolved, and evolving leaves the older definition alone', () => {
    expect([v1, v2, v3].map(newestVersion)).toEqual([1, 2, 3]);
    expect(upcast(v2, 1, { miles: 10 })).toEqual({ km: 16 });
  });

  test.each([
    [1, { miles: 10 }],
    [2, { km: 16 }],
    [3, { metres: 16_000 }],
  ])('turns data of version %d into the newest, step by step', (version, data) => {
    expect(upcast(v3, version, data)).toEqual({ metres: 16_000 });
  });

  test('keeps the very data of the newest version', () => {
    const data = { metres: 1 };
    expect(upcast(v3, 3, data)).toBe(data);
  });

  test('lets what an upcaster throws pass through', () => {
    const fails = evolve(v1, {
      schema: z.object({}),
      example: {},
      upcast: () => {
        throw new RangeError('no such road');
      },
    });
    expect(() => upcast(fails, 1, {})).toThrow(new RangeError('no such road'));
  });

  test('with an older version that has no upcaster is a defect, and is named', () => {
    const broken = { ...v1, versions: [...v1.versions, ...v1.versions] };
    expect(() => upcast(broken, 1, {})).toThrow(/trip\.ended lacks an upcaster/);
    expect(() => evolve({ ...v1, versions: [] }, { schema: z.object({}), example: {}, upcast: () => ({}) })).toThrow(
      /trip\.ended has no version/,
    );
  });

  test('is published under its newest version', () => {
    expect(publish('trips', v3, 'car-1', { metres: 5 })).toEqual({
      kind: 'publish',
      stream: 'trips',
      type: 'trip.ended',
      dataschema: 'urn:millrace:trip.ended:3',
      subject: 'car-1',
      data: { metres: 5 },
    });
  });
});

describe('a catalogue', () => {
  test('finds definitions by type', () => {
    expect(catalogueOf([v3]).get('trip.ended')).toBe(v3);
    expect(catalogueOf([v3]).get('trip')).toBeUndefined();
  });

  test('refuses a type that is defined twice, by its name', () => {
    expect(() => catalogueOf([v1, v3])).toThrow('Event type trip.ended is defined twice');
  });
});

describe('a stored state of older code', () => {
  const schema: StateSchema<{ readonly metres: number }> = {
    version: 3,
    initial: () => ({ metres: 0 }),
    migrations: {
      1: (state) => ({ km: (state.miles as number) * 1.6 }),
      2: (state) => ({ metres: (state.km as number) * 1000 }),
    },
  };

  test.each([
    [1, { miles: 10 }],
    [2, { km: 16 }],
    [3, { metres: 16_000 }],
  ])('of version %d becomes the newest, step by step', (from, stored) => {
    expect(migrate(schema, from, stored)).toEqual({ metres: 16_000 });
  });

  test.each([
    [{ 1: () => ({}) }, 1, 'No migration from state version 2 to 3'],
    [{}, 2, 'No migration from state version 2 to 3'],
    [{}, 0, 'No migration from state version 0 to 1'],
  ])('is refused where a migration is missing: %#', (migrations, from, message) => {
    expect(() => migrate({ ...schema, migrations }, from, {})).toThrow(message);
  });
});
