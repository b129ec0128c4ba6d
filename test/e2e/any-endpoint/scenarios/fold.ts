import { isDeepStrictEqual } from 'node:util';
import { added, dollars, entryOf, purchased, put, type Row, rowOf, viewed } from '../events.ts';
import { eventually } from '../wait.ts';
import { PATIENCE_SECONDS, type Scenario, type World } from '../world.ts';

/** Waits for a user's row to fit. */
export async function untilRow(world: World, user: string, what: string, fits: (row: Row) => boolean): Promise<Row> {
  let row: Row | undefined;
  return eventually({
    what,
    seconds: PATIENCE_SECONDS,
    signal: world.signal,
    seen: () => row,
    probe: async () => {
      row = await rowOf(world, user);
      return row !== undefined && fits(row) ? row : undefined;
    },
  });
}

export const fold: Scenario = {
  name: 'events of a user become one profile',
  run: async (world) => {
    const user = `${world.run}-ada`;
    await put(world, [
      entryOf(viewed(user, 'fold-1', 'cup')),
      entryOf(added(user, 'fold-2', 890)),
      entryOf(purchased(user, 'fold-3', 25_000)),
      entryOf(added(user, 'fold-4', 450)),
    ]);
    await untilRow(
      world,
      user,
      `profile of ${user} with its order and its cart`,
      (row) =>
        isDeepStrictEqual(
          [row.status, row.segment, row.totalSpend, row.orders, row.recentProducts],
          ['active', 'high', { USD: 25_000 }, { USD: 1 }, ['mug', 'cup']],
        ) && dollars(row, 'cartValue') > 0,
    );
    return undefined;
  },
};

export const repeat: Scenario = {
  name: 'an event that is sent again counts once',
  run: async (world) => {
    const user = `${world.run}-grace`;
    await put(world, [entryOf(purchased(user, 'repeat-1', 1_000))]);
    await put(world, [
      entryOf(purchased(user, 'repeat-1', 1_000)),
      entryOf(purchased(user, 'repeat-1', 1_000)),
      entryOf(viewed(user, 'repeat-2', 'last')),
    ]);
    const row = await untilRow(world, user, `profile of ${user} with its last event`, ({ recentProducts }) =>
      isDeepStrictEqual(recentProducts, ['last', 'mug']),
    );
    if (dollars(row, 'totalSpend') !== 1_000) {
      throw new Error(`a purchase of 1000 that was sent three times counted ${dollars(row, 'totalSpend')}`);
    }
    return undefined;
  },
};
