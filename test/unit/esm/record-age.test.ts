import { QUEUE_ARN, returned, threw, throttled, VirtualEsm } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';
const AGED = { maximumRecordAgeInSeconds: 60, onFailureArn: QUEUE_ARN };

describe('record age', () => {
  test('records too old when they are read never reach the function, and only they are discarded', () => {
    const esm = new VirtualEsm({ settings: AGED });
    const old = ['o1', 'o2'].map((key) => esm.stream.put(SHARD, key, esm.nowMs, { arrivalMs: esm.nowMs - 60_001 }));
    esm.stream.put(SHARD, 'young', esm.nowMs, { arrivalMs: esm.nowMs - 59_000 });
    esm.runUntilDrained();
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['young']]);
    expect(esm.documents).toMatchObject([
      {
        requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
        KinesisBatchInfo: {
          batchSize: 2,
          startSequenceNumber: old[0]?.sequenceNumber,
          endSequenceNumber: old[1]?.sequenceNumber,
        },
      },
    ]);
    expect(esm.documents[0]).not.toHaveProperty('responseContext');
    expect(esm.total('OnFailureDestinationDeliveredEventCount')).toBe(2);
  });

  test('a record of exactly the greatest age is still invoked', () => {
    const esm = new VirtualEsm({ settings: AGED });
    esm.stream.put(SHARD, 'a', esm.nowMs, { arrivalMs: esm.nowMs - 60_000 });
    esm.runUntilDrained();
    expect(esm.sizes).toEqual([1]);
  });

  test('what follows an expired record in a bisected half stays ahead of the other half', () => {
    const esm = new VirtualEsm({
      settings: { ...AGED, bisectBatchOnFunctionError: true },
      handler: ({ keys }) => ({ result: keys.length === 6 ? threw() : returned(), takesMs: 2_000 }),
    });
    for (const [key, ageMs] of [
      ['a', 0],
      ['old', 59_000],
      ['b', 0],
      ['c', 0],
      ['d', 0],
      ['e', 0],
    ] as const) {
      esm.stream.put(SHARD, key, esm.nowMs, { arrivalMs: esm.nowMs - ageMs });
    }
    esm.runUntilDrained();
    expect(esm.invocations.map(({ keys }) => keys.join(''))).toEqual(['aoldbcde', 'a', 'b', 'cde']);
  });

  test('records that grow too old between retries are discarded, the younger ones of their batch are retried', () => {
    const esm = new VirtualEsm({
      settings: AGED,
      options: { retryBaseMs: 10_000, retryCapMs: 10_000 },
      handler: ({ keys }) => (keys.includes('old') ? threw() : returned()),
    });
    esm.stream.put(SHARD, 'old', esm.nowMs, { arrivalMs: esm.nowMs - 45_000 });
    esm.put(SHARD, 'young');
    esm.runUntilDrained();
    expect(esm.invocations.map(({ keys }) => keys.join())).toEqual(['old,young', 'old,young', 'young']);
    expect(esm.documents).toMatchObject([
      {
        requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 2 },
        responseContext: { functionError: 'Unhandled' },
        KinesisBatchInfo: { batchSize: 1 },
      },
    ]);
  });

  test('records that are only ever throttled end by age, without a response', () => {
    const esm = new VirtualEsm({ settings: { ...AGED, maximumRetryAttempts: 0 }, handler: () => throttled() });
    esm.put(SHARD, 'a');
    esm.runUntilDrained();
    expect(esm.documents).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 } },
    ]);
    expect(esm.documents[0]).not.toHaveProperty('responseContext');
    expect(esm.nowMs - (esm.invocations[0]?.atMs ?? 0)).toBeGreaterThan(60_000);
  });

  test('an old record between young ones is discarded alone, and the order of the others stays', () => {
    const esm = new VirtualEsm({ settings: AGED });
    esm.put(SHARD, 'a');
    esm.stream.put(SHARD, 'old', esm.nowMs, { arrivalMs: esm.nowMs - 100_000 });
    esm.put(SHARD, 'b');
    esm.runUntilDrained();
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
    expect(esm.documents).toMatchObject([{ KinesisBatchInfo: { batchSize: 1 } }]);
  });

  test('with an unlimited age, the oldest record is invoked', () => {
    const esm = new VirtualEsm({ settings: { maximumRecordAgeInSeconds: -1 } });
    esm.stream.put(SHARD, 'a', esm.nowMs, { arrivalMs: 0 });
    esm.runUntilDrained();
    expect(esm.sizes).toEqual([1]);
  });

  test('without a destination, expired records are counted as dropped', () => {
    const { onFailureArn: _, ...settings } = AGED;
    const esm = new VirtualEsm({ settings });
    esm.stream.put(SHARD, 'a', esm.nowMs, { arrivalMs: 0 });
    esm.put(SHARD, 'b');
    esm.runUntilDrained();
    expect(esm.total('DroppedEventCount')).toBe(1);
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['b']]);
  });
});
