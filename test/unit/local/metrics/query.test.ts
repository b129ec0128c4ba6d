import { CompiledQueries, QueryError } from '../../../../local/metrics/query.ts';
import { MetricStore } from '../../../../local/metrics/store.ts';

const metric = (Id: string, Stat = 'Sum', Period = 60, Dimensions: { Name: string; Value: string }[] = []) => ({
  Id,
  ReturnData: true,
  MetricStat: { Metric: { Namespace: 'N', MetricName: 'M', Dimensions }, Period, Stat },
});
const expression = (Id: string, Expression: string) => ({ Id, ReturnData: true, Expression });

/** A store with values at numbers of seconds. */
function stored(...points: readonly (readonly [seconds: number, ...values: number[]])[]): MetricStore {
  const store = new MetricStore();
  for (const [seconds, ...values] of points) {
    store.put({ namespace: 'N', name: 'M', dimensions: {}, timestampMs: seconds * 1000, values });
  }
  return store;
}
const periods = (endSeconds: number, periodSeconds: number, count: number) => ({
  endMs: endSeconds * 1000,
  periodMs: periodSeconds * 1000,
  count,
});

describe('the values of a query', () => {
  test('are those of consecutive periods, oldest first; one without data is missing', () => {
    const store = stored([59, 100], [60, 1], [119, 2], [240, 4, 8], [300, 100]);
    expect(new CompiledQueries([metric('m')]).series('m', store, periods(300, 60, 4))).toEqual([
      3,
      undefined,
      undefined,
      12,
    ]);
  });

  test('a longer period has one value of all that it holds', () => {
    const store = stored([0, 1], [299, 2], [300, 4]);
    expect(new CompiledQueries([metric('m', 'Sum', 300)]).series('m', store, periods(600, 300, 2))).toEqual([3, 4]);
  });

  test('a metric with other dimensions is another metric', () => {
    const queries = new CompiledQueries([metric('m', 'Sum', 60, [{ Name: 'reason', Value: 'x' }])]);
    expect(queries.series('m', stored([0, 1]), periods(60, 60, 1))).toEqual([undefined]);
  });

  test('expressions see metrics and other expressions, whatever the order', () => {
    const queries = new CompiledQueries([
      expression('share', 'sum / FILL(twice, 1)'),
      expression('twice', '2 * count'),
      metric('count', 'SampleCount'),
      metric('sum'),
    ]);
    expect(queries.series('share', stored([0, 3, 5]), periods(60, 60, 1))).toEqual([2]);
  });
});

describe('the period of a query', () => {
  test('is the longest of the metrics behind it, at least a minute', () => {
    const queries = new CompiledQueries([
      expression('top', 'sum + 1'),
      expression('sum', 'a + b'),
      metric('a', 'Sum', 300),
      metric('b', 'Sum', 60),
      expression('seven', '7'),
    ]);
    expect(['top', 'sum', 'a', 'b', 'seven'].map((id) => queries.periodSeconds(id))).toEqual([300, 300, 300, 60, 60]);
  });
});

describe('queries that make no sense are refused before there is data', () => {
  test('expressions that need each other, with the way round', () => {
    const queries = [expression('a', 'b + 1'), expression('b', 'FILL(c, 0)'), expression('c', 'a')];
    expect(() => new CompiledQueries(queries)).toThrow(new QueryError('expressions need each other: a → b → c → a'));
  });

  test('an expression that needs itself', () => {
    expect(() => new CompiledQueries([expression('a', 'a')])).toThrow('a → a');
  });

  test('two expressions that need the same one are fine', () => {
    const queries = [expression('a', 'b + c'), expression('b', 'm'), expression('c', 'm'), metric('m')];
    expect(new CompiledQueries(queries).series('a', stored([0, 2]), periods(60, 60, 1))).toEqual([4]);
  });

  test('an id that is not there, with those that are', () => {
    expect(() => new CompiledQueries([expression('a', 'n'), metric('m')])).toThrow(
      new QueryError('there is no metric or expression n; there are: a, m'),
    );
  });

  test.each([0, 10, 30, 90])('a period of %d s', (seconds) => {
    expect(() => new CompiledQueries([metric('m', 'Sum', seconds)])).toThrow(
      new QueryError(`query m: the local cloud has periods of whole minutes, not of ${seconds} s`),
    );
  });

  test.each([
    ['neither', { Id: 'x', ReturnData: true }],
    ['both', { ...metric('x'), Expression: '1' }],
  ])('%s of an expression and a metric', (_, query) => {
    expect(() => new CompiledQueries([query])).toThrow('query x needs either an expression or a metric');
  });
});
