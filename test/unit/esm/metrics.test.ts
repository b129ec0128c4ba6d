import { failedItems, returned, threw, throttled, VirtualEsm } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';

describe('metrics', () => {
  test('polled events are counted once, invoked ones with every attempt', () => {
    const answers = [threw(), throttled()];
    const esm = new VirtualEsm({ handler: () => answers.shift() ?? returned() });
    esm.put(SHARD, 'a', 'b', 'c');
    esm.runUntilDrained();
    expect(esm.total('PolledEventCount')).toBe(3);
    expect(esm.total('InvokedEventCount')).toBe(9);
    expect(esm.total('FailedInvokeEventCount')).toBe(6);
  });

  test('of a partial response only what is retried counts as failed', () => {
    const answers = [true];
    const esm = new VirtualEsm({
      settings: { reportBatchItemFailures: true },
      handler: ({ sequenceNumbers }) => (answers.shift() ? failedItems(sequenceNumbers[1]) : returned()),
    });
    esm.put(SHARD, 'a', 'b', 'c');
    esm.runUntilDrained();
    expect(esm.total('FailedInvokeEventCount')).toBe(2);
  });

  test('the iterator age of a batch is the age of its last record', () => {
    const esm = new VirtualEsm();
    esm.stream.put(SHARD, 'a', esm.nowMs, { arrivalMs: esm.nowMs - 90_000 });
    esm.stream.put(SHARD, 'b', esm.nowMs, { arrivalMs: esm.nowMs - 4_000 });
    esm.runUntilDrained();
    expect(esm.metrics.filter(({ name }) => name === 'IteratorAge')).toEqual([{ name: 'IteratorAge', value: 4_000 }]);
  });

  test('a record that arrives this very moment has an age of 0, which is emitted', () => {
    const esm = new VirtualEsm();
    esm.put(SHARD, 'a');
    esm.runUntilDrained();
    expect(esm.metrics).toContainEqual({ name: 'IteratorAge', value: 0 });
  });
});
