import { shopEvents } from '../../../local/demo/shop-events.ts';
import { readShopRows } from '../../../local/demo/shop-rows.ts';
import { invocationOf } from '../../bench/workload/invocation.ts';
import { KEY_COUNT, type KeyDistribution, userOf } from '../../bench/workload/keys.ts';
import { PAUSE_SECONDS, PRODUCTS, SHARES } from '../../bench/workload/shopper.ts';
import { type Arrival, Traffic } from '../../bench/workload/traffic.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const traffic = (distribution: KeyDistribution, seed = 'one') =>
  new Traffic({ distribution, seed, ratePerSecond: 20, startMs: START });

function countsByUser(arrivals: readonly Arrival[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { event } of arrivals) counts.set(event.subject, (counts.get(event.subject) ?? 0) + 1);
  return counts;
}

describe('the events of the bench', () => {
  test('are the same for the same seed, however they are read', () => {
    const [whole, parts] = [traffic('zipf'), traffic('zipf')];
    const later = parts.slice(300, 200);
    expect([...parts.slice(0, 300), ...later]).toEqual(whole.slice(0, 500));
    expect(traffic('zipf', 'two').slice(0, 500)).not.toEqual(whole.slice(0, 500));
  });

  test('arrive at the rate that is asked for', () => {
    const times = traffic('zipf')
      .slice(0, 41)
      .map(({ arrivalMs }) => arrivalMs - START);
    expect([times[0], times[1], times[20], times[40]]).toEqual([0, 50, 1000, 2000]);
  });

  test('are of Zipf keys: the second is half as frequent as the first, the tenth a tenth', () => {
    const counts = countsByUser(traffic('zipf').slice(0, 40_000));
    const first = counts.get(userOf(0)) ?? 0;
    expect(first / 40_000).toBeCloseTo(0.134, 1);
    expect((counts.get(userOf(1)) ?? 0) / first).toBeCloseTo(1 / 2, 1);
    expect((counts.get(userOf(9)) ?? 0) / first).toBeCloseTo(1 / 10, 1);
  });

  test('are of uniform keys: all of them, none much more often than others', () => {
    const counts = [...countsByUser(traffic('uniform').slice(0, 40_000)).values()];
    expect(counts).toHaveLength(KEY_COUNT);
    expect(Math.max(...counts)).toBeLessThan(80);
  });

  test('repeat some of those before, as producers do: same event, a sequence number of its own', () => {
    const arrivals = traffic('zipf').slice(0, 10_000);
    const repeats = arrivals.filter(({ isRepeat }) => isRepeat);
    expect(repeats.length).toBeGreaterThan(25);
    expect(repeats.length).toBeLessThan(100);
    const fresh = new Set(arrivals.filter(({ isRepeat }) => !isRepeat).map(({ event }) => event.id));
    expect(fresh.size).toBe(10_000 - repeats.length);
    for (const { event } of repeats) expect(fresh.has(event.id)).toBe(true);
    const { Records } = invocationOf(arrivals, 0);
    expect(new Set(Records.map(({ kinesis }) => kinesis.sequenceNumber)).size).toBe(10_000);
  });

  test("act in the shares and at the pace of the shop's log", async () => {
    const counts = new Map<string, number>();
    const products = new Set<string>();
    const lastMs = new Map<string, number>();
    const pauses: number[] = [];
    let events = 0;
    for await (const { type } of shopEvents(readShopRows())) {
      counts.set(type, (counts.get(type) ?? 0) + 1);
      events += 1;
    }
    for await (const { productId, userId, time } of readShopRows()) {
      products.add(productId);
      const pause = (Date.parse(time) - (lastMs.get(userId) ?? Number.NEGATIVE_INFINITY)) / 1000;
      if (pause < 1_800) pauses.push(pause);
      lastMs.set(userId, Date.parse(time));
    }
    const share = (type: string) => (counts.get(type) ?? 0) / events;
    expect(share('cart.item-added')).toBeCloseTo(SHARES.added, 4);
    expect(share('cart.item-removed')).toBeCloseTo(SHARES.removed, 4);
    expect(share('order.purchased')).toBeCloseTo(SHARES.purchased, 4);
    expect(products.size).toBe(PRODUCTS);
    expect(Math.round(pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length)).toBe(PAUSE_SECONDS);
  });
});
