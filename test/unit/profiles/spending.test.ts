import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { segmentOf, segmentShard, segmentShards } from '../../../lambdas/systems/profiles/segment.ts';
import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import { afterNoon } from '../../support/events.ts';
import { added, purchased, removed, shop, viewed } from './shop.ts';

describe('spending', () => {
  test.each<[string, readonly CloudEvent[], CloudEvent, Record<string, number>, Record<string, number>]>([
    ['counts what was paid', [], purchased({ total: 1234 }), { USD: 1234 }, { USD: 1 }],
    ['adds up orders', [purchased({ total: 1000 })], purchased({ total: 1 }), { USD: 1001 }, { USD: 2 }],
    [
      'counts what was paid, not what the cart said',
      [added('tea', { unitPrice: 500 })],
      purchased({ total: 450, of: { tea: 1 } }),
      { USD: 450 },
      { USD: 1 },
    ],
    ['counts what never was in the cart', [], purchased({ total: 700, of: { tray: 3 } }), { USD: 700 }, { USD: 1 }],
    [
      'keeps currencies apart',
      [purchased({ total: 1000 })],
      purchased({ total: 900, currency: 'EUR' }),
      { USD: 1000, EUR: 900 },
      { USD: 1, EUR: 1 },
    ],
    ['counts a free order', [], purchased({ total: 0 }), { USD: 0 }, { USD: 1 }],
  ])('%s', (_, before, event, totalSpend, orders) => {
    shop
      .given(...before)
      .when(event)
      .thenState({ totalSpend, orders });
  });

  test('does not change by what happens to the cart', () => {
    shop
      .given(purchased({ total: 700 }), added('tea'))
      .when(removed('tea'))
      .thenState({ totalSpend: { USD: 700 }, orders: { USD: 1 }, cart: [] });
  });

  test('a repeated purchase counts once', () => {
    const once = purchased({ total: 700 });
    shop.given(once).when(once).thenRecognised().changesNothing();
  });

  test('a purchase that would pass the largest exact integer is rejected, and the sum stands', () => {
    const rich = { ...activeBefore, totalSpend: { USD: Number.MAX_SAFE_INTEGER - 5 }, segment: 'high' };
    shop
      .givenState(rich)
      .when(purchased({ total: 5 }))
      .thenState({ totalSpend: { USD: Number.MAX_SAFE_INTEGER } });
    shop
      .givenState(rich)
      .when(purchased({ total: 6 }))
      .thenThrows('event.reducer-threw')
      .thenState({ totalSpend: { USD: Number.MAX_SAFE_INTEGER - 5 } });
  });
});

const activeBefore = {
  status: 'active',
  cart: [],
  cartValue: {},
  totalSpend: {},
  orders: {},
  recentProducts: [],
  firstSeen: afterNoon(0),
  lastSeen: afterNoon(0),
  segment: 'none',
} as const;

describe('the spend segment', () => {
  test.each<[string, Record<string, number>, string]>([
    ['nothing spent', {}, 'none'],
    ['a free order', { USD: 0 }, 'none'],
    ['one cent', { USD: 1 }, 'low'],
    ['a cent below 50 dollars', { USD: 4999 }, 'low'],
    ['50 dollars', { USD: 5000 }, 'medium'],
    ['a cent below 200 dollars', { USD: 19_999 }, 'medium'],
    ['200 dollars', { USD: 20_000 }, 'high'],
    ['49 yen, which have no minor unit', { JPY: 49 }, 'low'],
    ['50 yen', { JPY: 50 }, 'medium'],
    ['199 yen', { JPY: 199 }, 'medium'],
    ['200 yen', { JPY: 200 }, 'high'],
    ['a fils below 50 dinars, which have thousandths', { KWD: 49_999 }, 'low'],
    ['50 dinars', { KWD: 50_000 }, 'medium'],
    ['a fils below 200 dinars', { KWD: 199_999 }, 'medium'],
    ['200 dinars', { KWD: 200_000 }, 'high'],
    ['40 dollars and 40 euros, which do not add up', { USD: 4000, EUR: 4000 }, 'low'],
    ['the highest that a single currency reaches', { USD: 1, KWD: 50_000, EUR: 20_000 }, 'high'],
  ])('of %s', (_, totalSpend, segment) => {
    expect(segmentOf(totalSpend)).toBe(segment);
  });

  const none = { segment: 'none', segmentShard: undefined, segmentSince: undefined } as const;
  const at = (ms: number) => ({ time: afterNoon(ms) });

  test.each([
    ['looks', viewed('tea')],
    ['fills a cart', added('tea', { quantity: 99 })],
    ['orders for nothing', purchased({ total: 0 })],
  ])('keeps whoever only %s out of the index', (_, event) => {
    shop.when(event).thenState(none);
  });

  test('puts a buyer into the index, at the time of the purchase', () => {
    const segmentShardOf = segmentShard('low', 'user-1');
    shop
      .given(viewed('tea', at(1)))
      .when(purchased({ total: 100 }, at(2000)))
      .thenState({ segment: 'low', segmentShard: segmentShardOf, segmentSince: afterNoon(2000) });
  });

  test('does not touch the index by further purchases in the same band', () => {
    shop
      .given(purchased({ total: 100 }, at(1000)))
      .when(purchased({ total: 4899 }, at(2000)), viewed('tea', at(3000)))
      .thenState({ segment: 'low', segmentShard: segmentShard('low', 'user-1'), segmentSince: afterNoon(1000) });
  });

  test('moves up with the purchase that reaches the next band, over one if it is large', () => {
    shop
      .given(purchased({ total: 100 }, at(1000)))
      .when(purchased({ total: 4900 }, at(2000)))
      .thenState({ segment: 'medium', segmentShard: segmentShard('medium', 'user-1'), segmentSince: afterNoon(2000) });
    shop.when(purchased({ total: 20_000 }, at(5))).thenState({ segment: 'high', segmentSince: afterNoon(5) });
  });

  test('says since when by the time of the purchase that moved it, even if it arrives late', () => {
    shop
      .given(purchased({ total: 100 }, at(9000)))
      .when(purchased({ total: 5000 }, at(-9000)))
      .thenState({ segment: 'medium', segmentSince: afterNoon(-9000) });
  });
});

describe('the partitions of the segment index', () => {
  test('are sixteen a segment, with two digits', () => {
    const shards = segmentShards('high');
    expect([shards.length, shards[0], shards[7], shards[15]]).toEqual([16, 'high#00', 'high#07', 'high#15']);
  });

  test('each get their share of users, so that none is hot', () => {
    const counts = new Map(segmentShards('low').map((shard) => [shard, 0]));
    for (let user = 0; user < 16_000; user++) {
      const shard = segmentShard('low', `user-${user}`);
      counts.set(shard, (counts.get(shard) ?? Number.NaN) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('stay what they are: a stored row must be found where it was put', () => {
    const shards = ['user-1', 'user-2', '463240011', 'ü€𝒳'].map((id) => segmentShard('high', id));
    expect(shards).toEqual(['high#04', 'high#13', 'high#08', 'high#09']);
  });

  test('are kept under the names that the index reads', () => {
    const { state } = shop.when(purchased({ total: 100 }));
    for (const { partitionKey, sortKey, projected } of profiles.indexes) {
      for (const name of [partitionKey, sortKey.name, ...projected]) expect(state).toHaveProperty(name);
    }
    expect(profiles.indexes).toHaveLength(1);
  });
});
