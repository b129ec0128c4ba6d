import { MetricStore } from '../../../../local/metrics/store.ts';

const of = (
  values: number[],
  timestampMs = 0,
  dimensions: Record<string, string> = { system: 'a' },
  name = 'Puts',
) => ({
  namespace: 'Millrace',
  name,
  dimensions,
  timestampMs,
  values,
});
const query = { namespace: 'Millrace', name: 'Puts', dimensions: { system: 'a' } };
const hours = (n: number) => n * 60 * 60 * 1000;

describe('the metrics of a local cloud', () => {
  test('sum, count, least, greatest and percentiles go over all values of a period', () => {
    const store = new MetricStore();
    store.put(of([5, 1], 100));
    store.put(of([4, 2, 3], 200));
    const all = store.statistics(query);
    expect(all).toMatchObject({ count: 5, sum: 15, min: 1, max: 5 });
    expect([0, 20, 50, 99, 100].map((p) => all.percentile(p))).toEqual([1, 1, 3, 5, 5]);
  });

  test('a period includes its beginning and excludes its end', () => {
    const store = new MetricStore();
    for (const ms of [100, 200, 300]) store.put(of([ms], ms));
    expect(store.statistics({ ...query, sinceMs: 100, untilMs: 300 }).sum).toBe(300);
  });

  test('metrics with other names or dimensions stay apart, in whatever order the dimensions are given', () => {
    const store = new MetricStore();
    store.put(of([1]));
    store.put(of([2], 0, { system: 'a', reason: 'x' }));
    store.put(of([4], 0, { reason: 'x', system: 'a' }));
    store.put(of([8], 0, { system: 'a' }, 'PutsBound'));
    expect(store.statistics(query).sum).toBe(1);
    expect(store.statistics({ ...query, dimensions: { system: 'a', reason: 'x' } }).sum).toBe(6);
    expect(store.dimensions('Millrace', 'Puts')).toEqual([{ system: 'a' }, { system: 'a', reason: 'x' }]);
  });

  test('what was never emitted is nothing, not a fault', () => {
    const nothing = new MetricStore().statistics(query);
    expect(nothing).toMatchObject({ count: 0, sum: 0, min: undefined, max: undefined });
    expect(nothing.percentile(50)).toBeUndefined();
  });

  test('counts from the beginning never fall, and percentiles of what is old are kept to three digits', () => {
    const store = new MetricStore();
    store.put(of([1, 2], 0));
    for (let day = 0; day < 40; day += 1) store.put(of([1234.5], hours(24 * day + 1)));
    const all = store.statistics(query);
    expect(all).toMatchObject({ count: 42, min: 1, max: 1234.5 });
    expect(all.sum).toBeCloseTo(3 + 40 * 1234.5);
    expect(all.percentile(99)).toBe(1234.5);
    expect(all.percentile(50)).toBe(1230);
  });

  test('minutes of the last 15 days can be asked for, single values of the last 3 hours', () => {
    const store = new MetricStore();
    for (const h of [0, 1, 24 * 20, 24 * 20 + 4]) store.put(of([h], hours(h)));
    const between = (from: number, to: number) =>
      store.statistics({ ...query, sinceMs: hours(from), untilMs: hours(to) }).count;
    expect([between(0.5, 2), between(24 * 20, 24 * 20 + 1), between(24 * 20 + 4, 24 * 30)]).toEqual([0, 1, 1]);
  });
});
