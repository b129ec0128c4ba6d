import { gzipSync } from 'node:zlib';
import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
import { DECODE_LIMITS } from '../../../lambdas/runtime/decode/limits.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { ARRIVAL, eventJson, record } from '../../support/counter.ts';
import { bench } from '../../support/runtime.ts';

const NOW = Date.UTC(2026, 0, 1);
const outage = (): TransientError => new TransientError('checkpoints.throttled', 'slow down');

test('the report of an empty batch says nothing', async () => {
  const { counts, ...report } = await bench().run([]);
  expect(report).toEqual({
    failedFrom: undefined,
    rejectedByCode: new Map(),
    freshnessMs: [],
    blocked: [],
    warnings: [],
  });
  expect(Object.values(counts).every((count) => count === 0)).toBe(true);
});

describe('freshness', () => {
  const freshness = async (arrivals: readonly number[], ids = arrivals.map((_, n) => `e${n}`)) => {
    const world = bench();
    await world.run([record({ id: 'known', sequence: 1 })]);
    const batch = arrivals.map((arrivalMs, n) => record({ id: ids[n] ?? '', sequence: n + 2, arrivalMs }));
    return (await world.run(batch)).freshnessMs;
  };

  test('is the time from the arrival of the oldest event applied to its commit, one for each commit', async () => {
    expect(await freshness([NOW - 3_000, NOW - 5_000, NOW - 1_000])).toEqual([5_000]);
    const two = await bench().run(
      ['a', 'b'].map((key, n) => record({ key, sequence: n + 1, arrivalMs: NOW - 1_000 * (n + 1) })),
    );
    expect(two.freshnessMs.toSorted()).toEqual([1_000, 2_000]);
  });

  test('does not count events that were applied before', async () => {
    expect(await freshness([NOW - 60_000, NOW - 2_000], ['known', 'new'])).toEqual([2_000]);
    expect(await freshness([NOW - 60_000], ['known'])).toEqual([]);
  });

  test('is never negative, though clocks differ', async () => {
    expect(await freshness([NOW + 1_000])).toEqual([0]);
  });
});

test('ids that had to go before their time are counted', async () => {
  const batch = Array.from({ length: 300 }, (_, n) => record({ id: `e${n}`, sequence: n + 1 }));
  expect((await bench().run(batch)).counts.youngIdsEvicted).toBe(300 - 256);
});

test('a checkpoint that cannot be written is a warning and stops nothing', async () => {
  const { run } = bench({
    ports: ({ checkpoints }) => ({ checkpoints: { ...checkpoints, write: () => Promise.reject(outage()) } }),
  });
  expect(await run([record()])).toMatchObject({
    failedFrom: undefined,
    warnings: [{ code: 'checkpoint.unwritten', message: 'slow down' }],
  });
});

test('a checkpoint says how far each shard has come', async () => {
  const { run, checkpoints } = bench();
  await run([record({ sequence: 1 }), record({ id: 'e2', sequence: 5, shard: 'shardId-000000000001' })]);
  expect([...checkpoints.written.values()]).toEqual([
    { token: 'token-000000', shards: { 'shardId-000000000000': '1', 'shardId-000000000001': '5' }, atMs: NOW },
  ]);
});

test('keys whose schema cannot be had are reported from their earliest record', async () => {
  const waiting: Formats = {
    isFramed: () => false,
    parse: () => {
      throw new Error('Nothing is framed');
    },
    prepare: async () => ({
      held: new Map([
        [1, ['a', 'b']],
        [2, ['b']],
      ]),
      trouble: undefined,
    }),
  };
  const report = await bench({ settings: { formats: waiting } }).run(
    ['fine', 'a', 'b'].map((key, n) => record({ key, sequence: n + 1 })),
  );
  const unavailable = { code: 'registry.unavailable', message: 'The registry did not answer' };
  expect(report).toMatchObject({
    failedFrom: '2',
    counts: { blockedKeys: 2, applied: 1 },
    blocked: [unavailable, unavailable],
  });
});

describe('a batch that expands far beyond its bytes', () => {
  /** A record of few bytes of which two are decoded at a time, and a third is too much. */
  const large = (id: string, key: string, sequence: number) => {
    const json = JSON.stringify(eventJson({ id, key })).padEnd(DECODE_LIMITS.sliceBytes * 0.375);
    return { ...record({ key, sequence }), data: gzipSync(json, { level: 1 }) };
  };

  test('is folded in parts, in order, each with commits of its own', async () => {
    const { run, store } = bench();
    const report = await run([
      large('a', 'k', 1),
      large('b', 'k', 2),
      large('c', 'k', 3),
      { ...record({ sequence: 4 }), data: Buffer.from('?') },
    ]);
    expect(report).toMatchObject({ failedFrom: undefined, counts: { applied: 3, rejected: 1, puts: 2 } });
    expect(store.row('k')?.state).toEqual({ folded: ['a', 'b', 'c'] });
  });

  test('keeps the order of a key that stops in an early part', async () => {
    const { run, store, clock } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          // Nothing of the key lands in the first part, which takes all the time there is.
          commit: (row, over, signal) =>
            row.key === 'slow' ? new Promise(() => undefined) : memory.store.commit(row, over, signal),
        },
      }),
    });
    const fromMs = clock.now();
    const report = await run([
      large('a', 'slow', 1),
      large('b', 'slow', 2),
      large('c', 'slow', 3),
      record({ key: 'late', id: 'd', sequence: 4 }),
    ]);
    expect(clock.now() - fromMs).toBe(45_000);
    expect(report.failedFrom).toBe('1');
    expect(report.blocked.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'invocation.deadline: The invocation ran out of time',
      'invocation.deadline: The invocation ran out of time',
    ]);
    expect(store.keys()).toEqual([]);
  });
});

test('an event whose arrival lies far behind does not keep old positions alive', async () => {
  const hour = 3_600_000;
  const marksAfter = async (replayMode: boolean) => {
    const { run, store } = bench({ settings: { replayMode } });
    const at = (shard: string, id: string, arrivalMs: number, sequence: number) =>
      record({
        shard,
        id,
        arrivalMs,
        sequence,
        ...(replayMode && { extensions: { recordedtime: new Date(arrivalMs).toISOString() } }),
      });
    await run([at('shardId-000000000000', 'a', ARRIVAL - 200 * hour, 1)]);
    await run([at('shardId-000000000001', 'b', ARRIVAL, 2), at('shardId-000000000001', 'c', ARRIVAL - 100 * hour, 3)]);
    return Object.keys(store.row('k')?.marks ?? {});
  };
  expect(await marksAfter(false)).toEqual(['in:1']);
  // History that is replayed may come in any order of time.
  expect(await marksAfter(true)).toEqual(['in:0', 'in:1']);
});
