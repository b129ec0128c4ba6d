import { functionFeed, logFeed, mappingFeed } from '../../../../local/metrics/feeds.ts';
import { MetricStore } from '../../../../local/metrics/store.ts';
import { describeTrouble } from '../../../../local/trouble.ts';

const line = (text: string) => ({ timestampMs: 0, text });

describe('what is measured', () => {
  test('a function is measured under its name', () => {
    const store = new MetricStore();
    functionFeed(store, 'fn')('Duration', 12);
    const query = { namespace: 'AWS/Lambda', name: 'Duration', dimensions: { FunctionName: 'fn' } };
    expect(store.statistics(query).sum).toBe(12);
  });

  test('iterator age is measured under the function, event counts under the mapping', () => {
    const store = new MetricStore();
    mappingFeed(store, { uuid: 'u', functionName: 'fn', countsEvents: true })([
      { name: 'IteratorAge', value: 5 },
      { name: 'PolledEventCount', value: 7 },
    ]);
    expect(store.dimensions('AWS/Lambda', 'IteratorAge')).toEqual([{ FunctionName: 'fn' }]);
    expect(store.dimensions('AWS/Lambda', 'PolledEventCount')).toEqual([{ EventSourceMappingUUID: 'u' }]);
  });

  test('event counts are not measured for a mapping that does not ask for them', () => {
    const store = new MetricStore();
    mappingFeed(store, { uuid: 'u', functionName: 'fn', countsEvents: false })([
      { name: 'IteratorAge', value: 5 },
      { name: 'PolledEventCount', value: 7 },
    ]);
    expect(store.dimensions('AWS/Lambda', 'IteratorAge')).toHaveLength(1);
    expect(store.dimensions('AWS/Lambda', 'PolledEventCount')).toHaveLength(0);
  });

  test('a line with metrics that CloudWatch would drop is told, and its neighbours count', () => {
    const store = new MetricStore();
    const refused: string[] = [];
    const take = logFeed(store, (text) => refused.push(text));
    const directive = { Namespace: 'N', Dimensions: [[]], Metrics: [{ Name: 'A' }] };
    const emf = (A: unknown) => JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: [directive] }, A });
    for (const text of ['plain', emf(1), emf('x'), emf(2)]) take(line(text));
    expect(store.statistics({ namespace: 'N', name: 'A' }).sum).toBe(3);
    expect(refused).toEqual([emf('x')]);
  });
});

describe('trouble in words', () => {
  const mapping = { kind: 'mapping', uuid: 'u', functionName: 'fn' } as const;

  test('a port that failed', () => {
    const event = { kind: 'port-failed', port: 'read', shardId: 'shard-1', error: new TypeError('odd') } as const;
    expect(describeTrouble({ ...mapping, event })).toBe(
      'mapping of fn: read of shard-1 failed and will be tried again: TypeError: odd',
    );
  });

  test('a mapping that stopped', () => {
    const event = { kind: 'stopped-by-error', error: 'why' } as const;
    expect(describeTrouble({ ...mapping, event })).toBe('mapping of fn has stopped: why');
  });
});
