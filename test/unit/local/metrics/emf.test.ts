import { EmfError, metricsOf } from '../../../../local/metrics/emf.ts';

const emf = (directives: object[], members: object) =>
  JSON.stringify({ _aws: { Timestamp: 1000, CloudWatchMetrics: directives }, ...members });
const puts = { Namespace: 'Millrace', Dimensions: [['system']], Metrics: [{ Name: 'Puts', Unit: 'Count' }] };

describe('the embedded metric format', () => {
  test('a number is one value, under namespace, name and dimensions', () => {
    expect(metricsOf(emf([puts], { system: 'profiles', Puts: 3, other: 'x' }))).toEqual([
      { namespace: 'Millrace', name: 'Puts', dimensions: { system: 'profiles' }, timestampMs: 1000, values: [3] },
    ]);
  });

  test('an array is many values', () => {
    expect(metricsOf(emf([puts], { system: 'profiles', Puts: [1, 2, 2.5] }))).toMatchObject([{ values: [1, 2, 2.5] }]);
  });

  test('each dimension set gets its own values, the empty one too', () => {
    const both = { ...puts, Dimensions: [['system'], ['system', 'reason'], []] };
    expect(metricsOf(emf([both], { system: 's', reason: 'r', Puts: 1 })).map(({ dimensions }) => dimensions)).toEqual([
      { system: 's' },
      { system: 's', reason: 'r' },
      {},
    ]);
  });

  test('several directives and metrics share a line', () => {
    const other = { Namespace: 'Other', Dimensions: [[]], Metrics: [{ Name: 'A' }, { Name: 'B' }] };
    const names = metricsOf(emf([puts, other], { system: 's', Puts: 1, A: 2, B: 3 })).map(
      ({ namespace, name, values }) => [namespace, name, values[0]],
    );
    expect(names).toEqual([
      ['Millrace', 'Puts', 1],
      ['Other', 'A', 2],
      ['Other', 'B', 3],
    ]);
  });

  test.each([
    ['a line of text', 'hello "_aws"'],
    ['other JSON', '{"level":"INFO","message":"\\"_aws\\""}'],
    ['half a line', '{"_aws":{"Timestamp":1'],
  ])('%s has no metrics', (_, text) => {
    expect(metricsOf(text)).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ['without a timestamp', JSON.stringify({ _aws: { CloudWatchMetrics: [] } }), /Timestamp/],
    ['whose dimension has no value', emf([puts], { Puts: 1 }), /dimension system has no text value/],
    ['whose metric has no value', emf([puts], { system: 's' }), /metric Puts has no value/],
    ['whose value is text', emf([puts], { system: 's', Puts: '3' }), /metric Puts/],
    ['with more than 100 values', emf([puts], { system: 's', Puts: Array(101).fill(1) }), /at most 100/],
  ])('metrics %s are refused, as CloudWatch drops them', (_, text, message) => {
    expect(() => metricsOf(text)).toThrow(message);
    expect(() => metricsOf(text)).toThrow(EmfError);
  });
});
