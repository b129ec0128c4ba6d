import { laneIndexOf } from '../../../local/esm/lane.ts';
import { QUEUE_ARN, returned, VirtualEsm } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';
const keys = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

describe('batching', () => {
  test('without a window, the function is invoked with what is there', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 10 } });
    esm.put(SHARD, 'a', 'b', 'c');
    esm.runFor(10);
    expect(esm.invocations.map(({ keys: of }) => of)).toEqual([['a', 'b', 'c']]);
  });

  test('no batch holds more than batchSize records, and none is left behind', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 10 } });
    esm.put(SHARD, ...keys(25));
    esm.runUntilDrained();
    expect(esm.sizes).toEqual([10, 10, 5]);
    expect(esm.invocations.flatMap(({ keys: of }) => of)).toEqual(keys(25));
  });

  test('the next batch of a lane waits for the answer to the one before', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 1 }, handler: () => 'hold' });
    esm.put(SHARD, 'a', 'b');
    esm.runFor(60_000);
    expect(esm.sizes).toEqual([1]);
    esm.answer(esm.invocations[0], returned());
    expect(esm.invocations.map(({ keys: of }) => of)).toEqual([['a'], ['b']]);
  });

  test('with a window, a full batch is invoked at once', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 3, maximumBatchingWindowInSeconds: 300 } });
    esm.put(SHARD, 'a', 'b', 'c', 'd');
    esm.runFor(10);
    expect(esm.invocations.map(({ keys: of }) => of)).toEqual([['a', 'b', 'c']]);
  });

  test('a window is counted from its first record, whatever comes after it', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 100, maximumBatchingWindowInSeconds: 5 } });
    esm.runFor(1_500);
    esm.put(SHARD, 'first');
    esm.runUntil(() => esm.total('PolledEventCount') === 1);
    const readMs = esm.nowMs;
    esm.runFor(3_000).put(SHARD, 'later');
    esm.runUntil(() => esm.invocations.length === 1);
    expect(esm.nowMs - readMs).toBe(5_000);
    expect(esm.invocations[0]?.keys).toEqual(['first', 'later']);
  });

  test('a record that arrives after a window has ended begins a window of its own', () => {
    const esm = new VirtualEsm({ settings: { maximumBatchingWindowInSeconds: 2 } });
    esm.put(SHARD, 'a');
    esm.runUntil(() => esm.invocations.length === 1).put(SHARD, 'b');
    const putMs = esm.nowMs;
    esm.runUntil(() => esm.invocations.length === 2);
    expect(esm.nowMs - putMs).toBeGreaterThanOrEqual(2_000);
    expect(esm.invocations.map(({ keys: of }) => of)).toEqual([['a'], ['b']]);
  });

  test('a batch that fills 6 MB is invoked before its window ends', () => {
    const data = new Uint8Array(1_048_576);
    const esm = new VirtualEsm({ settings: { batchSize: 100, maximumBatchingWindowInSeconds: 300 } });
    for (const key of keys(6)) esm.stream.put(SHARD, key, esm.nowMs, { data });
    esm.runFor(1_000);
    expect(esm.sizes).toEqual([4]);
  });

  test('a record that alone does not fit 6 MB never reaches the function: it goes to the on-failure destination, its neighbours on', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 10, onFailureArn: QUEUE_ARN } });
    esm.put(SHARD, 'before');
    const large = esm.stream.put(SHARD, 'large', esm.nowMs, { data: new Uint8Array(5 * 1_048_576) });
    esm.put(SHARD, 'after');
    esm.runUntilDrained();
    expect(esm.invocations.map(({ keys: of }) => of)).toEqual([['before'], ['after']]);
    expect(esm.documents).toHaveLength(1);
    expect(esm.documents[0]).toMatchObject({
      requestContext: { condition: 'MaximumPayloadSizeExceeded', approximateInvokeCount: 0 },
      KinesisBatchInfo: {
        startSequenceNumber: large.sequenceNumber,
        endSequenceNumber: large.sequenceNumber,
        batchSize: 1,
      },
    });
    expect(esm.documents[0]).not.toHaveProperty('responseContext');
    expect(esm.total('OnFailureDestinationDeliveredEventCount')).toBe(1);
  });

  test('an oversized record without a destination is counted as dropped', () => {
    const esm = new VirtualEsm();
    esm.stream.put(SHARD, 'large', esm.nowMs, { data: new Uint8Array(5 * 1_048_576) });
    esm.runUntilDrained();
    expect(esm.sizes).toEqual([]);
    expect(esm.total('DroppedEventCount')).toBe(1);
  });
});

describe('the read buffer', () => {
  test('a shard is not read while its buffer is full, and read on once there is room', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 5 }, options: { bufferRecords: 10 }, handler: () => 'hold' });
    esm.put(SHARD, ...keys(40));
    esm.runFor(600_000);
    expect(esm.engine.status()).toMatchObject([{ buffered: 10, inFlight: 1 }]);
    expect(esm.commands.filter(({ kind }) => kind === 'read')).toMatchObject([{ limit: 10 }]);
    esm.answer(esm.invocations[0], returned()).runFor(1);
    expect(esm.engine.status()).toMatchObject([{ buffered: 10, inFlight: 1 }]);
    expect(esm.commands.filter(({ kind }) => kind === 'read')).toMatchObject([{ limit: 10 }, { limit: 5 }]);
  });

  test('a blocked lane lets the others run ahead of the checkpoint by the buffer and no further', () => {
    const esm = new VirtualEsm({
      settings: { batchSize: 1, parallelizationFactor: 10 },
      options: { bufferRecords: 50 },
      handler: ({ keys: [key] }) => (key === 'stuck' ? 'hold' : returned()),
    });
    expect(laneIndexOf('stuck', 10)).not.toBe(laneIndexOf('free', 10));
    esm.put(SHARD, 'stuck', ...Array.from({ length: 200 }, () => 'free'));
    esm.runFor(600_000);
    expect(esm.invocations).toHaveLength(50);
    expect(esm.total('PolledEventCount')).toBe(50);
  });

  test('large records fill the buffer by bytes', () => {
    const esm = new VirtualEsm({ options: { bufferBytes: 3_000_000, readLimit: 2 }, handler: () => 'hold' });
    for (const key of keys(20)) esm.stream.put(SHARD, key, esm.nowMs, { data: new Uint8Array(750_000) });
    esm.runFor(600_000);
    expect(esm.engine.status()[0]?.buffered).toBeLessThanOrEqual(4);
  });

  test('a shard that has more is read on at once, one at its tip after the polling interval', () => {
    const esm = new VirtualEsm({ options: { readLimit: 2, pollIntervalMs: 700 } });
    esm.put(SHARD, 'a', 'b', 'c');
    const startMs = esm.nowMs;
    esm.runUntil(() => esm.total('PolledEventCount') === 3);
    expect(esm.nowMs).toBe(startMs);
    esm.put(SHARD, 'd');
    esm.runUntil(() => esm.total('PolledEventCount') === 4);
    expect(esm.nowMs - startMs).toBe(700);
  });
});
