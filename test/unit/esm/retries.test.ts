import { backoffMs } from '../../../local/esm/retry.ts';
import { failedItems, QUEUE_ARN, returned, threw, throttled, VirtualEsm } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';

describe('retries', () => {
  test.each([0, 1, 3])(
    '%i retries are so many attempts after the first; then the batch is given up and the lane goes on',
    (retries) => {
      const esm = new VirtualEsm({
        settings: { batchSize: 1, maximumRetryAttempts: retries, onFailureArn: QUEUE_ARN },
        handler: ({ keys }) => (keys.includes('bad') ? threw() : returned()),
      });
      esm.put(SHARD, 'bad', 'next');
      esm.runUntilDrained();
      expect(esm.invocations.map(({ keys }) => keys[0])).toEqual([...Array(retries + 1).fill('bad'), 'next']);
      expect(esm.documents).toMatchObject([
        { requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: retries + 1 } },
      ]);
    },
  );

  test('-1 retries without end', () => {
    let failures = 500;
    const esm = new VirtualEsm({
      settings: { maximumRetryAttempts: -1, onFailureArn: QUEUE_ARN },
      handler: () => {
        failures -= 1;
        return failures >= 0 ? threw() : returned();
      },
    });
    esm.put(SHARD, 'a');
    esm.runUntilDrained(10 ** 9);
    expect(esm.invocations).toHaveLength(501);
    expect(esm.documents).toEqual([]);
  });

  test('a throttle spends no retry and is no invocation', () => {
    const answers = [throttled(), throttled(), threw(), throttled(), threw()];
    const esm = new VirtualEsm({
      settings: { maximumRetryAttempts: 1, onFailureArn: QUEUE_ARN },
      handler: () => answers.shift() ?? returned(),
    });
    esm.put(SHARD, 'a');
    esm.runUntilDrained();
    expect(esm.invocations).toHaveLength(5);
    expect(esm.documents).toMatchObject([{ requestContext: { approximateInvokeCount: 2 } }]);
  });

  test('a batch that a throttle met is invoked again as it was, not bisected', () => {
    const answers = [throttled()];
    const esm = new VirtualEsm({
      settings: { bisectBatchOnFunctionError: true },
      handler: () => answers.shift() ?? returned(),
    });
    esm.put(SHARD, 'a', 'b');
    esm.runUntilDrained();
    expect(esm.sizes).toEqual([2, 2]);
  });

  test('progress gives the remainder its full quota again', () => {
    const answers = [threw(), 'c', threw()];
    const esm = new VirtualEsm({
      settings: { maximumRetryAttempts: 1, reportBatchItemFailures: true, onFailureArn: QUEUE_ARN },
      handler: ({ keys, sequenceNumbers }) => {
        const answer = answers.shift() ?? returned();
        return typeof answer === 'string' ? failedItems(sequenceNumbers[keys.indexOf(answer)]) : answer;
      },
    });
    esm.put(SHARD, 'a', 'b', 'c');
    esm.runUntilDrained();
    expect(esm.sizes).toEqual([3, 3, 1, 1]);
    expect(esm.documents).toEqual([]);
  });

  test('the wait between retries doubles up to a cap', () => {
    const esm = new VirtualEsm({
      options: { retryBaseMs: 100, retryCapMs: 1_000 },
      handler: () => ({ result: threw(), takesMs: 0 }),
    });
    esm.put(SHARD, 'a');
    esm.runUntil(() => esm.invocations.length === 7);
    const times = esm.invocations.map(({ atMs }) => atMs);
    expect(times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  test('a remainder waits the shortest time, however often its batch had failed before', () => {
    const answers = [threw(), threw(), 'b'];
    const esm = new VirtualEsm({
      settings: { reportBatchItemFailures: true },
      options: { retryBaseMs: 100 },
      handler: ({ sequenceNumbers }) => {
        const answer = answers.shift() ?? returned();
        return { result: typeof answer === 'string' ? failedItems(sequenceNumbers[1]) : answer, takesMs: 0 };
      },
    });
    esm.put(SHARD, 'a', 'b');
    esm.runUntilDrained();
    const [, , partial, remainder] = esm.invocations;
    expect((remainder?.atMs ?? 0) - (partial?.atMs ?? 0)).toBe(100);
  });

  test('a success ends the row of failures: the next failure waits the shortest time again', () => {
    const answers = [threw(), threw(), returned(), threw()];
    const esm = new VirtualEsm({
      settings: { batchSize: 1 },
      options: { retryBaseMs: 100 },
      handler: () => ({ result: answers.shift() ?? returned(), takesMs: 0 }),
    });
    esm.put(SHARD, 'a', 'b');
    esm.runUntilDrained();
    const [, , , failedB, retriedB] = esm.invocations;
    expect((retriedB?.atMs ?? 0) - (failedB?.atMs ?? 0)).toBe(100);
  });

  test('jitter waits between half of the backoff and all of it', () => {
    const options = { retryBaseMs: 100, retryCapMs: 1_000 };
    expect(backoffMs(2, { ...options, jitter: () => 0 })).toBe(100);
    expect(backoffMs(2, { ...options, jitter: () => 0.5 })).toBe(150);
    expect(backoffMs(10_000, { ...options, jitter: () => 1 })).toBe(1_000);
  });

  test.each(['list-shards', 'read'] as const)('a failed %s is tried again with growing waits', (failing) => {
    let failures = 3;
    const esm = new VirtualEsm({
      options: { retryBaseMs: 100 },
      fails: ({ kind }) => {
        if (kind !== failing || failures === 0) return false;
        failures -= 1;
        return true;
      },
    });
    esm.put(SHARD, 'a');
    const startMs = esm.nowMs;
    esm.runUntil(() => esm.invocations.length === 1);
    expect(esm.nowMs - startMs).toBe(100 + 200 + 400);
  });
});
