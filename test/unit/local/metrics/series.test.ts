import fc from 'fast-check';
import { Series } from '../../../../local/metrics/series.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const seriesOf = (...puts: readonly (readonly [timestampMs: number, ...values: number[]])[]): Series => {
  const series = new Series();
  for (const [timestampMs, ...values] of puts) series.put(timestampMs, values);
  return series;
};
const sums = (series: Series, ...ranges: readonly (readonly [number, number])[]) =>
  ranges.map(([since, until]) => series.over(since, until).sum);

describe('values of the last three hours', () => {
  test('each counts by its own millisecond, also inside a minute', () => {
    const series = seriesOf([59_999, 1], [60_000, 2], [60_001, 4], [119_999, 8], [120_000, 16]);
    expect(sums(series, [0, 60_000], [60_000, 120_000], [60_001, 119_999], [60_000, 60_000])).toEqual([1, 14, 4, 0]);
  });

  test('what comes out of order counts in its own period', () => {
    const series = seriesOf([5 * MINUTE, 1], [2 * MINUTE, 2], [5 * MINUTE + 1, 4], [3 * MINUTE, 8], [2 * MINUTE, 16]);
    const minutes = [2, 3, 4, 5].map((n) => [n * MINUTE, (n + 1) * MINUTE] as const);
    expect(sums(series, ...minutes)).toEqual([18, 8, 0, 5]);
  });

  test('one measurement may have many values, or none', () => {
    const { count, sum, min, max, values } = seriesOf([0, 3, -1, 3], [1]).over(0, MINUTE);
    expect({ count, sum, min, max }).toEqual({ count: 3, sum: 5, min: -1, max: 3 });
    expect([...values]).toEqual([
      [3, 2],
      [-1, 1],
    ]);
  });
});

describe('what is older than three hours', () => {
  const LATER = 3 * HOUR + MINUTE;

  test('is whole to the last minute of the three hours', () => {
    const series = seriesOf([59_999, 1], [3 * HOUR, 2]);
    expect(sums(series, [59_999, MINUTE])).toEqual([1]);
    series.put(LATER, [4]);
    expect(sums(series, [59_999, MINUTE], [0, MINUTE])).toEqual([0, 1]);
  });

  test('counts by its minute: whole where the minute begins in the period, not at all otherwise', () => {
    const series = seriesOf([10_000, 1], [50_000, 2], [MINUTE + 1, 4], [LATER + MINUTE, 8]);
    expect(sums(series, [0, MINUTE], [0, 30_000], [1, 2 * MINUTE], [1, MINUTE])).toEqual([3, 3, 4, 0]);
  });

  test('a value that comes late joins its minute, also once that is condensed', () => {
    const series = seriesOf([10_000, 1], [LATER, 2], [20_000, 4]);
    expect(sums(series, [0, MINUTE])).toEqual([5]);
    series.put(LATER + MINUTE, [8]);
    expect(sums(series, [0, MINUTE], [0, Infinity])).toEqual([5, 15]);
  });

  test('keeps sum, least and greatest exactly, and values to three digits', () => {
    const { sum, min, max, values } = seriesOf([0, 123_456, 0.012_345], [LATER, 1]).over(0, MINUTE);
    expect({ sum, min, max }).toEqual({ sum: 123_456.012_345, min: 0.012_345, max: 123_456 });
    expect([...values.keys()]).toEqual([123_000, 0.0123]);
  });
});

describe('what is older than 15 days', () => {
  test('has no time any more, and counts from the beginning alone', () => {
    const series = seriesOf([MINUTE, 1], [MINUTE + 15 * DAY, 2]);
    expect(sums(series, [1, 2 * MINUTE])).toEqual([1]);
    series.put(2 * MINUTE + 15 * DAY, [4]);
    expect(sums(series, [1, 2 * MINUTE], [1, Infinity], [0, Infinity])).toEqual([0, 6, 7]);
  });
});

test('whatever the order, nothing is lost or doubled, and a minute of the last 15 days holds what was put into it', () => {
  const put = fc.record({
    timestampMs: fc.oneof(fc.integer({ min: 0, max: 4 * HOUR }), fc.integer({ min: 0, max: 40 * DAY })),
    values: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 40 }), fc.nat(40 * 24 * 60), fc.nat(600), (puts, minute, width) => {
      const series = new Series();
      for (const { timestampMs, values } of puts) series.put(timestampMs, values);
      const naive = (sinceMs: number, untilMs: number) =>
        puts.flatMap(({ timestampMs, values }) => (timestampMs >= sinceMs && timestampMs < untilMs ? values : []));
      const newestMs = Math.max(0, ...puts.map(({ timestampMs }) => timestampMs));
      const firstMinute = Math.max(1, minute, Math.ceil((newestMs - 15 * DAY) / MINUTE));
      for (const [sinceMs, untilMs] of [
        [0, Infinity],
        [firstMinute * MINUTE, (firstMinute + width) * MINUTE],
      ] as const) {
        const expected = naive(sinceMs, untilMs);
        const { count, sum, min, max } = series.over(sinceMs, untilMs);
        expect({ count, sum, min, max }).toEqual({
          count: expected.length,
          sum: expected.reduce((a, b) => a + b, 0),
          min: Math.min(...expected),
          max: Math.max(...expected),
        });
      }
    }),
  );
});
