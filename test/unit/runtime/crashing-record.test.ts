import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import { record } from '../../support/counter.ts';
import { type BenchOptions, bench } from '../../support/runtime.ts';

const outage = (): TransientError => new TransientError('checkpoints.throttled', 'slow down');
/** The virtual clock's start. */
const NOW = Date.UTC(2026, 0, 1);
const OLD = NOW - DEFAULTS.crashes.afterMs - 1;
const old = record({ sequence: 7, arrivalMs: OLD });

/** A bench that notes how attempts are counted and taken back. */
function counting(attempts: number, options: BenchOptions = {}) {
  const calls: string[] = [];
  const world = bench({
    ...options,
    ports: (memory) => ({
      checkpoints: {
        ...memory.checkpoints,
        countAttempt: async ({ shard, sequence, index, stream }) => {
          calls.push(`count ${stream} ${shard} ${sequence}/${index}`);
          return attempts;
        },
        clearAttempts: async ({ shard, sequence, index, stream }) => {
          calls.push(`clear ${stream} ${shard} ${sequence}/${index}`);
        },
        ...options.ports?.(memory).checkpoints,
      },
    }),
  });
  return { ...world, calls };
}

const PLACE = 'in shardId-000000000000 7/0';

test('an old record alone in its batch is counted, and the count taken back when the invocation ends', async () => {
  const { run, calls } = counting(1);
  expect(await run([old])).toMatchObject({ failedFrom: undefined, counts: { applied: 1 }, warnings: [] });
  expect(calls).toEqual([`count ${PLACE}`, `clear ${PLACE}`]);
});

test.each([
  ['a record that is not older than the time set', [record({ arrivalMs: OLD + 1 })]],
  ['an old record in company', [old, record({ id: 'e2', sequence: 8, arrivalMs: OLD })]],
  ['nothing', []],
])('%s is never counted, since it costs a write', async (_, batch) => {
  const { run, calls } = counting(1);
  await run(batch);
  expect(calls).toEqual([]);
});

test('the last attempt keeps its count: whoever delivers the record again gets the same verdict', async () => {
  const { run, calls, deadLetters, store } = counting(DEFAULTS.crashes.attempts);
  expect(await run([old])).toMatchObject({
    failedFrom: undefined,
    counts: { applied: 0, rejected: 1, blockedKeys: 0 },
  });
  expect(calls).toEqual([`count ${PLACE}`]);
  expect(store.keys()).toEqual([]);
  expect(deadLetters.letters).toEqual([
    {
      id: expect.stringMatching(/^[\w-]{22}$/),
      processor: 'counter',
      cause: { code: 'record.crashes', message: 'Alone in its batch, it made the function die or hang 2 times' },
      position: { stream: 'in', shard: old.shard, sequence: '7', index: 0 },
      arrivalMs: OLD,
      partitionKey: 'k',
      payload: old.data,
    },
  ]);
});

test('the attempt before the last one still tries', async () => {
  const { run } = counting(DEFAULTS.crashes.attempts - 1);
  expect((await run([old])).counts).toMatchObject({ applied: 1, rejected: 0 });
});

test('a record that is rejected waits for no schema', async () => {
  const held: Formats = {
    isFramed: () => true,
    parse: () => {
      throw new Error('No schema');
    },
    prepare: async () => ({ held: new Map([[0, ['k']]]), trouble: undefined }),
  };
  const { run } = counting(DEFAULTS.crashes.attempts, { settings: { formats: held } });
  expect(await run([old])).toMatchObject({ failedFrom: undefined, blocked: [], counts: { rejected: 1 } });
});

test('an attempt that could not be counted, or not be taken back, is a warning and stops nothing', async () => {
  const uncounted = counting(1, {
    ports: () => ({ checkpoints: { countAttempt: () => Promise.reject(outage()) } as never }),
  });
  expect(await uncounted.run([old])).toMatchObject({
    failedFrom: undefined,
    counts: { applied: 1 },
    warnings: [{ code: 'attempts.uncounted', message: 'slow down' }],
  });
  // The answer may be all that was lost.
  expect(uncounted.calls).toEqual([`clear ${PLACE}`]);
  const uncleared = counting(1, {
    ports: () => ({ checkpoints: { clearAttempts: () => Promise.reject(outage()) } as never }),
  });
  expect(await uncleared.run([old])).toMatchObject({
    failedFrom: undefined,
    warnings: [{ code: 'attempts.not-cleared', message: 'slow down' }],
  });
});
