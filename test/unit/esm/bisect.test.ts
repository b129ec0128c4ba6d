import {
  failedItems,
  QUEUE_ARN,
  returned,
  threw,
  VirtualEsm,
  type VirtualEsmConfig,
} from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';
const BISECT = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN };

function run(keys: string[], config: VirtualEsmConfig): VirtualEsm {
  const esm = new VirtualEsm(config);
  esm.put(SHARD, ...keys);
  return esm.runUntilDrained();
}

const batches = (esm: VirtualEsm) => esm.invocations.map(({ keys }) => keys.join(''));

describe('bisect on function error', () => {
  test('a thrown error halves the batch down to single records, the first half first, and only the bad record is discarded', () => {
    const esm = run(['a', 'b', 'c', 'x', 'e'], {
      settings: BISECT,
      handler: ({ keys }) => (keys.includes('x') ? threw() : returned()),
    });
    expect(batches(esm)).toEqual(['abcxe', 'abc', 'xe', 'x', 'e']);
    expect(esm.documents).toMatchObject([{ KinesisBatchInfo: { batchSize: 1 } }]);
  });

  test('splitting uses no retry: with no retries at all, every half is still tried', () => {
    const esm = run(['a', 'b', 'c', 'd'], { settings: BISECT, handler: () => threw() });
    expect(batches(esm)).toEqual(['abcd', 'ab', 'a', 'b', 'cd', 'c', 'd']);
    expect(esm.total('OnFailureDestinationDeliveredEventCount')).toBe(4);
  });

  test('a half has all retries of its own', () => {
    const esm = run(['a', 'x'], {
      settings: { ...BISECT, maximumRetryAttempts: 2 },
      handler: ({ keys }) => (keys.includes('x') ? threw() : returned()),
    });
    expect(batches(esm)).toEqual(['ax', 'a', 'x', 'x', 'x']);
    expect(esm.documents).toMatchObject([{ requestContext: { approximateInvokeCount: 3 } }]);
  });

  test('the second half waits until the first one is done with', () => {
    const answers = [threw(), threw(), returned()];
    const esm = new VirtualEsm({
      settings: { ...BISECT, maximumRetryAttempts: -1 },
      handler: () => answers.shift() ?? 'hold',
    });
    esm.put(SHARD, 'a', 'b', 'c', 'd');
    esm.runFor(600_000);
    expect(batches(esm)).toEqual(['abcd', 'ab', 'a', 'b']);
  });

  test('a partial response splits at the returned record, and only the remainder is retried', () => {
    const answers = ['c'];
    const esm = run(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], {
      settings: { ...BISECT, reportBatchItemFailures: true },
      handler: ({ keys, sequenceNumbers }) => {
        const failing = answers.shift();
        return failing ? failedItems(sequenceNumbers[keys.indexOf(failing)]) : returned();
      },
    });
    expect(batches(esm)).toEqual(['abcdefgh', 'cdefgh']);
    expect(esm.documents).toEqual([]);
  });

  test('a partial response that names the first record is a retry of the same batch: its split leaves nothing before it', () => {
    const esm = run(['x', 'b'], {
      settings: { ...BISECT, maximumRetryAttempts: 1, reportBatchItemFailures: true },
      handler: ({ sequenceNumbers }) => failedItems(sequenceNumbers[0]),
    });
    expect(batches(esm)).toEqual(['xb', 'xb']);
    expect(esm.documents).toMatchObject([{ KinesisBatchInfo: { batchSize: 2 } }]);
  });

  test('a response that fails the batch as a whole halves it, as a thrown error does', () => {
    const esm = run(['a', 'b'], {
      settings: { ...BISECT, reportBatchItemFailures: true },
      handler: ({ keys }) => (keys.length > 1 ? failedItems('') : returned()),
    });
    expect(batches(esm)).toEqual(['ab', 'a', 'b']);
  });

  test('without it, a batch is retried whole', () => {
    const answers = [threw()];
    const esm = run(['a', 'b'], { handler: () => answers.shift() ?? returned() });
    expect(batches(esm)).toEqual(['ab', 'ab']);
  });
});
