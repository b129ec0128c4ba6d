import type { Processor } from '../../../lambdas/core/processor.ts';
import type { Row } from '../../../lambdas/core/row.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { ARRIVAL, type Counter, counter, other, rawRecord, record, silentCounter } from '../../support/counter.ts';
import { bench, onCall } from '../../support/runtime.ts';

const outage = (): TransientError => new TransientError('store.unavailable', 'as told');
const foldedBy = (store: { row(key: string): { state: Readonly<Record<string, unknown>> } | undefined }, key = 'k') =>
  store.row(key)?.state.folded;

describe('the fold of a batch', () => {
  test('makes one put for each distinct key, whatever the number of events', async () => {
    const { run, store } = bench();
    const records = Array.from({ length: 60 }, (_, n) => record({ id: `e${n}`, key: `k${n % 3}`, sequence: n + 1 }));
    const { counts, failedFrom } = await run(records);
    expect(failedFrom).toBeUndefined();
    expect(counts).toMatchObject({ records: 60, applied: 60, puts: 3, putsBound: 3 });
    expect(store.history('k0')).toHaveLength(1);
    expect(foldedBy(store, 'k1')).toEqual(Array.from({ length: 20 }, (_, n) => `e${n * 3 + 1}`));
  });

  test('does nothing and succeeds on an empty batch', async () => {
    const { run, store } = bench();
    expect(await run([])).toMatchObject({ failedFrom: undefined, counts: { records: 0, puts: 0 } });
    expect(store.keys()).toEqual([]);
  });

  test('recognises a record delivered again by its position, and writes nothing', async () => {
    const { run, store } = bench();
    const batch = [record({ id: 'a', sequence: 1 }), record({ id: 'b', sequence: 2 })];
    await run(batch);
    const { counts } = await run(batch);
    expect(counts).toMatchObject({ applied: 0, duplicateByPosition: 2, puts: 0, putsBound: 0 });
    expect(store.history('k')).toHaveLength(1);
  });

  test("recognises a producer's repeat, which has a new sequence number, by its id", async () => {
    const { run, store } = bench();
    await run([record({ id: 'a', sequence: 1 })]);
    const { counts } = await run([
      record({ id: 'a', sequence: 2 }),
      record({ id: 'b', sequence: 3 }),
      record({ id: 'b', sequence: 4 }),
    ]);
    expect(counts).toMatchObject({ applied: 1, duplicateById: 2 });
    expect(foldedBy(store)).toEqual(['a', 'b']);
  });

  test('ignores types of the catalogue that it does not fold, and events addressed to another processor', async () => {
    const { run, store } = bench();
    const { counts, failedFrom } = await run([
      record({ type: other.type, sequence: 1 }),
      record({ sequence: 2, extensions: { millraceto: 'somebody-else' } }),
    ]);
    expect(failedFrom).toBeUndefined();
    expect(counts).toMatchObject({ ignored: 2, applied: 0, puts: 0 });
    expect(store.keys()).toEqual([]);
  });

  test('rejects an event on which the reducer throws, and goes on with the rest of its key', async () => {
    const { run, store, deadLetters } = bench();
    const { counts, failedFrom, rejectedByCode } = await run([
      record({ id: 'a', sequence: 1 }),
      record({ id: 'b', sequence: 2, data: { throws: true } }),
      record({ id: 'c', sequence: 3 }),
    ]);
    expect(failedFrom).toBeUndefined();
    expect(counts).toMatchObject({ applied: 2, rejected: 1 });
    expect(rejectedByCode.get('event.reducer-threw')).toBe(1);
    expect(foldedBy(store)).toEqual(['a', 'c']);
    expect(deadLetters.letters).toHaveLength(1);
    expect(deadLetters.letters[0]).toMatchObject({
      position: { stream: 'in', sequence: '2', index: 0 },
      partitionKey: 'k',
    });
    expect(JSON.parse(Buffer.from(deadLetters.letters[0]?.payload ?? []).toString())).toMatchObject({ id: 'b' });
  });

  test('puts rejected events into the dead-letter queue before the commit that passes them', async () => {
    const order: string[] = [];
    const noting = <Args extends readonly unknown[], Result>(
      name: string,
      method: (...args: Args) => Promise<Result>,
    ) =>
      onCall(method, (_, proceed) => {
        order.push(name);
        return proceed();
      });
    const { run } = bench({
      ports: ({ store, deadLetters }) => ({
        store: { ...store, commit: noting('commit', store.commit) },
        deadLetters: { put: noting('letter', deadLetters.put) },
      }),
    });
    await run([record({ id: 'a', sequence: 1 }), record({ id: 'b', sequence: 2, data: { throws: true } })]);
    expect(order).toEqual(['letter', 'commit']);
  });

  test('does not commit a key whose rejected event cannot be kept, and reports the key from its first event', async () => {
    const { run, store } = bench({
      ports: () => ({ deadLetters: { put: async (letters) => letters.map(() => outage()) } }),
    });
    const { failedFrom, counts } = await run([
      record({ key: 'fine', id: 'a', sequence: 1 }),
      record({ key: 'k', id: 'b', sequence: 2 }),
      record({ key: 'k', id: 'c', sequence: 3, data: { throws: true } }),
    ]);
    expect(failedFrom).toBe('2');
    expect(store.keys()).toEqual(['fine']);
    expect(counts.blockedKeys).toBe(1);
  });

  test('keeps bytes that cannot be decoded, once under one id, and applies their neighbours', async () => {
    const { run, deadLetters, store } = bench();
    const batch = [
      record({ id: 'a', sequence: 1 }),
      rawRecord(Buffer.from('{'), { sequence: 2 }),
      record({ id: 'b', sequence: 3 }),
    ];
    const { rejectedByCode, failedFrom } = await run(batch);
    await run(batch);
    expect(failedFrom).toBeUndefined();
    expect(rejectedByCode.get('record.not-json')).toBe(1);
    expect(foldedBy(store)).toEqual(['a', 'b']);
    expect(new Set(deadLetters.letters.map(({ id }) => id)).size).toBe(1);
    expect(Buffer.from(deadLetters.letters[0]?.payload ?? []).toString()).toBe('{');
  });

  test('reports a record whose dead letter cannot be kept, so that it is delivered again', async () => {
    const { run } = bench({ ports: () => ({ deadLetters: { put: () => Promise.reject(outage()) } }) });
    expect(await run([record({ sequence: 1 }), rawRecord(Buffer.from('{'), { sequence: 2 })])).toMatchObject({
      failedFrom: '2',
    });
  });
});

describe('a key in transient trouble', () => {
  test('is retried inside the invocation, and the others go on', async () => {
    const { run, store } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: onCall(memory.store.commit, async (call, proceed) =>
            call <= 3 ? Promise.reject(outage()) : proceed(),
          ),
        },
      }),
    });
    const { failedFrom, counts } = await run([record({ key: 'a', sequence: 1 }), record({ key: 'b', sequence: 2 })]);
    expect(failedFrom).toBeUndefined();
    expect(counts).toMatchObject({ applied: 2, puts: 2, putsBound: 2 });
    expect(store.keys().toSorted()).toEqual(['a', 'b']);
  });

  test('is reported from its earliest record when 45 of 60 s are over, and only it stopped', async () => {
    const { run, store, clock } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: async (row, over, signal) =>
            row.key === 'bad' ? Promise.reject(outage()) : memory.store.commit(row, over, signal),
        },
      }),
    });
    const from = clock.now();
    const { failedFrom, blocked } = await run([
      record({ key: 'fine', sequence: 1 }),
      record({ key: 'bad', sequence: 2 }),
      record({ key: 'fine', id: 'e2', sequence: 3 }),
      record({ key: 'bad', id: 'e3', sequence: 4 }),
    ]);
    expect(failedFrom).toBe('2');
    expect(store.keys()).toEqual(['fine']);
    expect(blocked).toEqual([expect.objectContaining({ code: 'store.unavailable' })]);
    expect(clock.now() - from).toBeGreaterThan(40_000);
    expect(clock.now() - from).toBeLessThanOrEqual(45_000);
  });

  test('reports the lowest of several failed records', async () => {
    const { run } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: async (row, over, signal) =>
            row.key.startsWith('bad') ? Promise.reject(outage()) : memory.store.commit(row, over, signal),
        },
      }),
    });
    const records = ['fine', 'bad-late', 'fine', 'bad-early', 'bad-late'].map((key, n) =>
      record({ key, id: `e${n}`, sequence: 90 + n * 9 }),
    );
    expect(await run(records.toReversed().toSorted((a, b) => Number(a.sequence) - Number(b.sequence)))).toMatchObject({
      failedFrom: '99',
    });
  });

  test('answers in time although a port never answers, and aborts its request', async () => {
    const aborted: string[] = [];
    const { run } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: (row, _over, signal) =>
            new Promise(() => {
              signal.addEventListener('abort', () => aborted.push(row.key));
            }),
        },
      }),
    });
    const { failedFrom } = await run([record({ key: 'a', sequence: 1 }), record({ key: 'b', sequence: 2 })]);
    expect(failedFrom).toBe('1');
    expect(aborted.toSorted()).toEqual(['a', 'b']);
  });

  test('leaves nothing in flight when the handler returns, even if everything succeeded', async () => {
    let signalled: AbortSignal | undefined;
    const { run } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: (row, over, signal) => {
            signalled = signal;
            return memory.store.commit(row, over, signal);
          },
        },
      }),
    });
    await run([record()]);
    expect(signalled?.aborted).toBe(true);
  });

  test('is blocked, not lost, by a row that cannot be read', async () => {
    const { run, store } = bench();
    store.overwrite('k', { id: 'k', _v: 'one' });
    const { failedFrom, blocked } = await run([
      record({ key: 'fine', sequence: 1 }),
      record({ key: 'k', sequence: 2 }),
    ]);
    expect(failedFrom).toBe('2');
    expect(blocked[0]).toMatchObject({ code: 'state.unreadable', message: expect.stringContaining('_v') });
    expect(store.keys()).toContain('fine');
  });
});

describe('concurrent writers', () => {
  test('a version conflict reads the row again and folds onto it', async () => {
    let interfere: (() => Promise<unknown>) | undefined;
    const shared = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: onCall(memory.store.commit, async (call, proceed) => {
            if (call === 2) await interfere?.();
            return proceed();
          }),
        },
      }),
    });
    await shared.run([record({ id: 'a', sequence: 1 })]);
    const before = shared.store.row('k');
    interfere = async () => {
      if (before === undefined) throw new Error('no row');
      await shared.store.commit(
        { ...before, version: 2, token: 'another', state: { folded: ['a', 'x'] }, outbox: undefined },
        before,
        new AbortController().signal,
      );
    };
    const { counts } = await shared.run([record({ id: 'b', sequence: 2 })]);
    expect(counts).toMatchObject({ versionConflicts: 1, applied: 1, puts: 1 });
    expect(foldedBy(shared.store)).toEqual(['a', 'x', 'b']);
  });

  test('a put whose answer was lost is recognised as our own, and its effects are sent', async () => {
    const { run, sink, store } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: onCall(memory.store.commit, async (call, proceed) => {
            const result = await proceed();
            return call === 1 ? Promise.reject(outage()) : result;
          }),
        },
      }),
    });
    const { counts, failedFrom } = await run([record({ id: 'a', sequence: 1 })]);
    expect(failedFrom).toBeUndefined();
    expect(counts).toMatchObject({ ownWritesRecognised: 1, applied: 1, puts: 1, duplicateByPosition: 0 });
    expect(store.history('k')).toHaveLength(1);
    expect(sink.accepted.map(({ effect }) => effect.kind === 'publish' && effect.type)).toEqual([
      'test.counted',
      'test.committed',
    ]);
  });

  test('an earlier write of the same invocation is not taken for a later one that never landed', async () => {
    const { run, store } = bench({
      settings: { rowBytes: 1_200 },
      ports: (memory) => ({
        store: {
          ...memory.store,
          commit: onCall(memory.store.commit, (call, proceed) => (call === 2 ? Promise.reject(outage()) : proceed())),
        },
      }),
    });
    const { counts, failedFrom } = await run(
      Array.from({ length: 12 }, (_, n) => record({ id: `e${n}`, sequence: n + 1 })),
    );
    expect(failedFrom).toBeUndefined();
    expect(counts).toMatchObject({ applied: 12, ownWritesRecognised: 0 });
    expect(foldedBy(store)).toHaveLength(12);
    expect(counts.puts).toBe(store.history('k').length);
    expect(counts.puts).toBeGreaterThan(1);
  });

  test('no checkpoint is written while the fate of a put is unknown', async () => {
    const { run, checkpoints } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          read: onCall(memory.store.read, async (call, proceed) => (call === 1 ? proceed() : Promise.reject(outage()))),
          commit: async (row, over, signal) => {
            const result = await memory.store.commit(row, over, signal);
            return row.key === 'lost' ? Promise.reject(outage()) : result;
          },
        },
      }),
    });
    const { failedFrom } = await run([record({ key: 'fine', sequence: 1 }), record({ key: 'lost', sequence: 2 })]);
    expect(failedFrom).toBe('2');
    expect(checkpoints.written.size).toBe(0);
  });
});

describe('effects', () => {
  test('are sent after the commit, those of events and those of the commit, and proven by a checkpoint', async () => {
    const { run, sink, checkpoints, store } = bench();
    await run([record({ id: 'a', sequence: 1 }), record({ id: 'b', sequence: 2 })]);
    expect(
      sink.accepted.map(({ effect, cause, version }) => [
        effect.kind === 'publish' ? effect.type : '',
        cause.id,
        version,
      ]),
    ).toEqual([
      ['test.counted', 'a', 1],
      ['test.counted', 'b', 1],
      ['test.committed', 'b', 1],
    ]);
    expect(checkpoints.written.get(store.row('k')?.token ?? '')).toMatchObject({
      shards: { 'shardId-000000000000': '2' },
    });
  });

  test('are sent again, under the same ids and with the same content, if no checkpoint proves them', async () => {
    const { run, runCold, sink } = bench({
      ports: ({ checkpoints }) => ({ checkpoints: { ...checkpoints, write: () => Promise.reject(outage()) } }),
    });
    await run([record({ id: 'a', sequence: 1 })]);
    const first = [...sink.accepted];
    const { counts } = await runCold([record({ id: 'b', sequence: 2 })]);
    expect(counts.effectsResent).toBe(2);
    expect(sink.accepted.slice(2, 4)).toEqual(first);
    expect(new Set(sink.accepted.map(({ id }) => id)).size).toBe(4);
  });

  test('of two commits that end with the same event, whose id was forgotten in between, have ids of their own', async () => {
    const { run, sink } = bench();
    await run(Array.from({ length: 300 }, (_, n) => record({ id: `e${n}`, sequence: n + 1 })));
    await run([
      record({ id: 'e299', sequence: 301, extensions: { source: 'urn:elsewhere' } }),
      record({ id: 'e0', sequence: 302 }),
    ]);
    await run([
      ...Array.from({ length: 300 }, (_, n) => record({ id: `f${n}`, sequence: 400 + n })),
      record({ id: 'e0', sequence: 800 }),
    ]);
    const commits = sink.accepted.filter(({ effect }) => effect.kind === 'publish' && effect.type === 'test.committed');
    expect(commits.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(new Set(commits.map(({ id }) => id)).size).toBe(3);
  });

  test('are not sent again once a checkpoint proves them', async () => {
    const { run, runCold } = bench();
    await run([record({ id: 'a', sequence: 1 })]);
    expect((await runCold([record({ id: 'b', sequence: 2 })])).counts.effectsResent).toBe(0);
  });

  test('that were not accepted hold the record back, and its repeat sends them although there is nothing to fold', async () => {
    let down = true;
    const { run, sink, checkpoints } = bench({
      ports: (memory) => ({
        sink: { send: (effects, signal) => (down ? Promise.reject(outage()) : memory.sink.send(effects, signal)) },
      }),
    });
    const first = await run([record({ id: 'a', sequence: 1 }), record({ id: 'b', sequence: 2 })]);
    expect(first.failedFrom).toBe('1');
    expect(checkpoints.written.size).toBe(0);
    down = false;
    const second = await run([record({ id: 'a', sequence: 1 }), record({ id: 'b', sequence: 2 })]);
    expect(second).toMatchObject({
      failedFrom: undefined,
      counts: { puts: 0, effectsResent: 3, duplicateByPosition: 2 },
    });
    expect(sink.accepted).toHaveLength(3);
  });

  test('that their sink refuses for good become dead letters under their own ids, and stop nothing', async () => {
    const { run, deadLetters, checkpoints } = bench({
      ports: () => ({
        sink: { send: async (effects) => effects.map(() => ({ kind: 'refused', message: 'too large' })) },
      }),
    });
    const { failedFrom, rejectedByCode } = await run([record()]);
    expect(failedFrom).toBeUndefined();
    expect(rejectedByCode.get('effect.refused')).toBe(2);
    expect(deadLetters.letters.map(({ cause }) => cause.code)).toEqual(['effect.refused', 'effect.refused']);
    expect(checkpoints.written.size).toBe(1);
  });

  test('of an unsettled row are only sent from a consistently read one, never from an older version', async () => {
    let stale: Row | undefined;
    const { run, runCold, store, sink } = bench({
      ports: (memory) => ({
        checkpoints: { ...memory.checkpoints, existing: async () => new Set() },
        store: {
          ...memory.store,
          read: (keys, consistent, signal) =>
            consistent || stale === undefined
              ? memory.store.read(keys, consistent, signal)
              : Promise.resolve(new Map(keys.map((key) => [key, stale]))),
        },
      }),
    });
    await run([record({ id: 'a', sequence: 1 })]);
    stale = store.row('k');
    await runCold([record({ id: 'b', sequence: 2 })]);
    const before = sink.accepted.length;
    await runCold([record({ id: 'c', sequence: 3 })]);
    expect(sink.accepted.slice(before).map(({ version }) => version)).toEqual([2, 2, 3, 3]);
  });

  test('cost nothing in a processor that has none: no outbox, no checkpoint', async () => {
    const { run, store, checkpoints } = bench({ processor: silentCounter });
    await run([record()]);
    expect(store.item('k')).not.toHaveProperty('_out');
    expect(checkpoints.written.size).toBe(0);
  });
});

describe('a stale read', () => {
  test('never makes an event permanent: what throws is folded again over a consistently read row', async () => {
    const picky: Processor<Counter> = {
      ...silentCounter,
      reduce: (state, event) => {
        if (state.folded.length === 0 && event.id !== 'a') throw new Error('needs a first');
        return { state: { folded: [...state.folded, event.id] } };
      },
    };
    const { run, store, deadLetters } = bench({
      processor: picky,
      ports: (memory) => ({
        store: {
          ...memory.store,
          read: (keys, consistent, signal) =>
            consistent
              ? memory.store.read(keys, true, signal)
              : Promise.resolve(new Map(keys.map((key) => [key, undefined]))),
        },
      }),
    });
    await run([record({ id: 'a', sequence: 1 })]);
    await run([record({ id: 'b', sequence: 2 })]);
    expect(foldedBy(store)).toEqual(['a', 'b']);
    expect(deadLetters.letters).toEqual([]);
  });
});

describe('a bad deployment', () => {
  const throwing = (count: number, good: number) => [
    ...Array.from({ length: count }, (_, n) =>
      record({ id: `bad${n}`, key: `bad${n % 5}`, sequence: n + 1, data: { throws: true } }),
    ),
    ...Array.from({ length: good }, (_, n) => record({ id: `good${n}`, key: `good${n % 5}`, sequence: count + n + 1 })),
  ];

  test('that throws on most of a batch stops it, and dead-letters nothing', async () => {
    const { run, deadLetters } = bench();
    const { failedFrom, counts, blocked } = await run(throwing(20, 10));
    expect(failedFrom).toBe('1');
    expect(counts).toMatchObject({ brokenBatches: 1, rejected: 0, blockedKeys: 5 });
    expect(blocked[0]).toMatchObject({ code: 'batch.mostly-throws' });
    expect(deadLetters.letters).toEqual([]);
  });

  test('is not suspected while at most half of the batch throws, or while the batch is small', async () => {
    const half = await bench().run(throwing(15, 15));
    expect(half).toMatchObject({ failedFrom: undefined, counts: { rejected: 15, brokenBatches: 0 } });
    const small = await bench().run(throwing(19, 0));
    expect(small).toMatchObject({ failedFrom: undefined, counts: { rejected: 19, brokenBatches: 0 } });
  });

  test("is not suspected because of producers' garbage", async () => {
    const { run, deadLetters } = bench();
    const garbage = Array.from({ length: 40 }, (_, n) => rawRecord(Buffer.from('?'), { sequence: n + 1 }));
    expect(await run(garbage)).toMatchObject({ failedFrom: undefined, counts: { rejected: 40 } });
    expect(deadLetters.letters).toHaveLength(40);
  });
});

describe('a record that crashes the function', () => {
  const OLD = ARRIVAL - 10 * 60_000;
  const hanging = () =>
    bench({ ports: (memory) => ({ store: { ...memory.store, read: () => new Promise(() => undefined) } }) });

  test('alone and old, is rejected at its third attempt, with its bytes', async () => {
    const { run, checkpoints, deadLetters } = bench();
    await checkpoints.countAttempt({ stream: 'in', shard: 's', sequence: '7', index: 0 }, new AbortController().signal);
    await checkpoints.countAttempt({ stream: 'in', shard: 's', sequence: '7', index: 0 }, new AbortController().signal);
    const { failedFrom, rejectedByCode, counts } = await run([record({ sequence: 7, arrivalMs: OLD })]);
    expect(failedFrom).toBeUndefined();
    expect(rejectedByCode.get('record.crashes')).toBe(1);
    expect(counts.applied).toBe(0);
    expect(deadLetters.letters[0]?.payload).toEqual(record({ sequence: 7, arrivalMs: OLD }).data);
  });

  test('is counted before it is touched, and not if it is young or in company', async () => {
    const attemptsAtRead: number[] = [];
    const { run, checkpoints } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          read: (...args) => {
            attemptsAtRead.push(memory.checkpoints.attempts('4'));
            return memory.store.read(...args);
          },
        },
      }),
    });
    await run([record({ sequence: 1 })]);
    await run([record({ sequence: 2, arrivalMs: OLD }), record({ id: 'e2', sequence: 3, arrivalMs: OLD })]);
    expect([1, 2, 3].map((n) => checkpoints.attempts(String(n)))).toEqual([0, 0, 0]);
    await run([record({ id: 'e4', sequence: 4, arrivalMs: OLD })]);
    expect(attemptsAtRead.at(-1)).toBe(1);
  });

  test('is none if every invocation with it ends, however often it is delivered', async () => {
    const { run, checkpoints, deadLetters } = bench();
    for (let n = 0; n < 5; n++)
      expect(await run([record({ sequence: 5, arrivalMs: OLD })])).toMatchObject({ failedFrom: undefined });
    expect(checkpoints.attempts('5')).toBe(0);
    expect(deadLetters.letters).toEqual([]);
  });

  test('is none if attempts were counted without an answer, and all of them ended', async () => {
    const { run, checkpoints, deadLetters } = bench({
      ports: (memory) => ({
        checkpoints: {
          ...memory.checkpoints,
          countAttempt: async (...args) => {
            await memory.checkpoints.countAttempt(...args);
            throw outage();
          },
        },
      }),
    });
    for (let n = 0; n < 5; n++) await run([record({ sequence: 6, arrivalMs: OLD })]);
    expect(checkpoints.attempts('6')).toBe(0);
    expect(deadLetters.letters).toEqual([]);
  });

  test('is not blamed for an outage: an invocation that ends takes its count back', async () => {
    const { run, checkpoints } = hanging();
    for (let n = 0; n < 4; n++)
      expect(await run([record({ sequence: 9, arrivalMs: OLD })])).toMatchObject({ failedFrom: '9' });
    expect(checkpoints.attempts('9')).toBe(0);
  });
});

describe('the 400 KB of a row', () => {
  const padded: Processor<Counter> = {
    ...counter,
    reduce: (state, event) => ({
      ...counter.reduce(state, event as never),
      state: { folded: [...state.folded, event.id.padEnd(200, '.')] },
    }),
  };

  test('are kept by committing in several steps, each with its effects, when one commit would pass them', async () => {
    const { run, store, sink } = bench({ processor: counter, settings: { rowBytes: 1_500 } });
    const records = Array.from({ length: 12 }, (_, n) => record({ id: `e${n}`, sequence: n + 1 }));
    const { failedFrom, counts } = await run(records);
    expect(failedFrom).toBeUndefined();
    expect(counts.applied).toBe(12);
    expect(counts.puts).toBeGreaterThan(1);
    expect(counts.putsBound).toBe(1);
    expect(foldedBy(store)).toHaveLength(12);
    expect(
      sink.accepted.filter(({ effect }) => effect.kind === 'publish' && effect.type === 'test.counted'),
    ).toHaveLength(12);
  });

  test('reject the event that alone would pass them as state.too-large', async () => {
    const { run, deadLetters } = bench({ processor: padded, settings: { rowBytes: 1_500 } });
    const records = Array.from({ length: 10 }, (_, n) => record({ id: `e${n}`, sequence: n + 1 }));
    const { failedFrom, rejectedByCode, counts } = await run(records);
    expect(failedFrom).toBeUndefined();
    expect(rejectedByCode.get('state.too-large')).toBeGreaterThan(0);
    expect(counts.applied + counts.rejected).toBe(10);
    expect(deadLetters.letters).toHaveLength(counts.rejected);
  });
});

describe('state schemas', () => {
  const next: Processor<{ folded: readonly string[]; count: number }> = {
    ...counter,
    state: {
      version: 2,
      initial: () => ({ folded: [], count: 0 }),
      migrations: { 1: (state) => ({ ...state, count: (state.folded as unknown[]).length }) },
    },
    reduce: (state, event) => {
      const { state: reduced, effects } = counter.reduce(state, event as never);
      return { state: { ...reduced, count: state.count + 1 }, effects: effects ?? [] };
    },
    effectsOfCommit: (row) => counter.effectsOfCommit?.(row) ?? [],
  };

  test('nothing is lost when a new one is deployed, writes, is rolled back and rolled forward', async () => {
    const { runCold, store } = bench();
    await runCold([record({ id: 'a', sequence: 1 })]);
    await runCold([record({ id: 'b', sequence: 2 })], next);
    expect(store.item('k')).toMatchObject({ _s: 2, count: 2 });

    const rolledBack = await runCold([
      record({ key: 'untouched', id: 'x', sequence: 3 }),
      record({ id: 'c', sequence: 4 }),
    ]);
    expect(rolledBack.failedFrom).toBe('4');
    expect(rolledBack.blocked[0]).toMatchObject({ code: 'state.newer-than-code' });
    expect(store.item('k')).toMatchObject({ _s: 2, folded: ['a', 'b'] });
    expect(store.item('untouched')).toMatchObject({ _s: 1 });

    const forward = await runCold([record({ id: 'c', sequence: 4 })], next);
    expect(forward.failedFrom).toBeUndefined();
    expect(store.item('k')).toMatchObject({ folded: ['a', 'b', 'c'], count: 3 });
    await runCold([record({ key: 'untouched', id: 'y', sequence: 5 })], next);
    expect(store.item('untouched')).toMatchObject({ _s: 2, folded: ['x', 'y'], count: 2 });
  });

  test('a missing migration stops the key and dead-letters nothing', async () => {
    const { runCold, deadLetters } = bench();
    await runCold([record({ id: 'a', sequence: 1 })]);
    const broken = { ...next, state: { ...next.state, migrations: {} } };
    const { failedFrom, blocked } = await runCold([record({ id: 'b', sequence: 2 })], broken);
    expect(failedFrom).toBe('2');
    expect(blocked[0]?.message).toContain('No migration');
    expect(deadLetters.letters).toEqual([]);
  });
});
