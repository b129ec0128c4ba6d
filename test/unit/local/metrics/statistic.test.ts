import { StatisticError, statisticNamed } from '../../../../local/metrics/statistic.ts';
import { MetricStore } from '../../../../local/metrics/store.ts';

const METRIC = { namespace: 'N', name: 'M', dimensions: {} };

function of(values: readonly number[]) {
  const store = new MetricStore();
  store.put({ ...METRIC, timestampMs: 0, values });
  return (name: string) => statisticNamed(name)(store.statistics(METRIC));
}

/** 1 to 1,000, the greatest first. */
const THOUSAND = of(Array.from({ length: 1000 }, (_, n) => 1000 - n));

describe('statistics of a period', () => {
  test.each([
    ['SampleCount', 1000],
    ['Sum', 500_500],
    ['Average', 500.5],
    ['Minimum', 1],
    ['Maximum', 1000],
    ['p0', 1],
    ['p5', 50],
    ['p50', 500],
    ['p99', 990],
    ['p99.9', 999],
    ['p99.99', 1000],
    ['p100', 1000],
  ])('%s of 1 to 1,000 is %d', (name, expected) => {
    expect(THOUSAND(name)).toBe(expected);
  });

  test.each(['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum', 'p99'])(
    '%s of no values is missing, not 0, so that an alarm treats it as missing',
    (name) => {
      expect(of([])(name)).toBeUndefined();
    },
  );

  test('0 is a value', () => {
    const statistic = of([0]);
    expect(['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum', 'p50'].map(statistic)).toEqual([1, 0, 0, 0, 0, 0]);
  });

  test.each(['IQM', 'tm99', 'TM(10%:90%)', 'p', 'p101', 'p100.5', 'P99', '99', 'sum', 'toString', ''])(
    '%p is refused by its name',
    (name) => {
      expect(() => statisticNamed(name)).toThrow(StatisticError);
      expect(() => statisticNamed(name)).toThrow(`the statistic ${name};`);
    },
  );
});
