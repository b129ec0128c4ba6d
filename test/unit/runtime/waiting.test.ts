import { itemSize } from '../../../lambdas/core/item-size.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { DEFAULTS } from '../../../lambdas/runtime/settings.ts';
import { record, silentCounter } from '../../support/counter.ts';
import { type Bench, type BenchOptions, bench, onCall } from '../../support/runtime.ts';

const outage = (): TransientError => new TransientError('store.unavailable', 'as told');
const numbered = (count: number, key = 'k') =>
  Array.from({ length: count }, (_, n) => record({ key, id: `${key}${n}`, sequence: n + 1 }));

/** How long a batch took in virtual time, which passes only where the runtime waits. */
async function waited({ clock }: Bench, run: () => Promise<unknown>): Promise<number> {
  const fromMs = clock.now();
  await run();
  return clock.now() - fromMs;
}

/** A bench on which the n-th commit of a key does something else. */
const committing = (act: (key: string, nth: number) => 'conflict' | 'outage' | undefined): BenchOptions => ({
  ports: ({ store }) => {
    const commits = new Map<string, number>();
    return {
      store: {
        ...store,
        commit: async (row, over, signal) => {
          const nth = (commits.get(row.key) ?? 0) + 1;
          commits.set(row.key, nth);
          const acted = act(row.key, nth);
          if (acted === 'outage') throw outage();
          return acted ?? store.commit(row, over, signal);
        },
      },
    };
  },
});

describe('a batch waits for nothing', () => {
  test('while all goes well, whether rows are new, their effects proven, or some events rejected', async () => {
    const fine = bench();
    const batch = [record({ id: 'a', sequence: 1 }), record({ id: 'b', sequence: 2, data: { throws: true } })];
    expect(await waited(fine, () => fine.run(batch))).toBe(0);
    expect(await waited(fine, () => fine.runCold([record({ id: 'c', sequence: 3 })]))).toBe(0);
    expect(fine.store.row('k')?.state).toEqual({ folded: ['a', 'c'] });
  });

  test('when effects of the rows before have to be sent again', async () => {
    const forgetful = bench({
      ports: ({ checkpoints }) => ({ checkpoints: { ...checkpoints, write: async () => undefined } }),
    });
    await forgetful.run([record({ id: 'a', sequence: 1 })]);
    expect(await waited(forgetful, () => forgetful.runCold([record({ id: 'b', sequence: 2 })]))).toBe(0);
    expect(forgetful.sink.accepted).toHaveLength(6);
  });

  test('when a row takes several commits', async () => {
    const small = bench({ settings: { rowBytes: 1_200 } });
    expect(await waited(small, () => small.run(numbered(12)))).toBe(0);
    expect(small.store.history('k').length).toBeGreaterThan(1);
  });

  test(`at the first ${DEFAULTS.eagerConflicts} conflicts of a key`, async () => {
    const contended = bench(committing((_, nth) => (nth <= DEFAULTS.eagerConflicts ? 'conflict' : undefined)));
    let report: Awaited<ReturnType<Bench['run']>> | undefined;
    expect(
      await waited(contended, async () => {
        report = await contended.run([record()]);
      }),
    ).toBe(0);
    expect(report).toMatchObject({ failedFrom: undefined, counts: { versionConflicts: DEFAULTS.eagerConflicts } });
  });

  test('of a key in trouble while other keys go on', async () => {
    const timesOfBad: number[] = [];
    const mixed: Bench = bench({
      settings: { rowBytes: 900 },
      ports: ({ store }) => ({
        store: {
          ...store,
          commit: async (row, over, signal) => {
            if (row.key !== 'bad') return store.commit(row, over, signal);
            timesOfBad.push(mixed.clock.now());
            throw outage();
          },
        },
      }),
    });
    const fromMs = mixed.clock.now();
    await mixed.run([...numbered(1, 'bad'), ...numbered(12)]);
    expect(mixed.store.history('k').length).toBeGreaterThan(2);
    expect(timesOfBad.filter((ms) => ms === fromMs)).toHaveLength(1);
    expect(timesOfBad.length).toBeGreaterThan(2);
  });
});

describe('a batch backs off', () => {
  const timesOfCommits = async (answer: () => Promise<'conflict'>) => {
    const times: number[] = [];
    const blocked: Bench = bench({
      ports: ({ store }) => ({
        store: {
          ...store,
          commit: () => {
            times.push(blocked.clock.now());
            return answer();
          },
        },
      }),
    });
    const report = await blocked.run([record()]);
    return { times, report, pauses: times.slice(1).map((ms, nth) => ms - (times[nth] ?? 0)) };
  };

  test('by random pauses under a ceiling that doubles up to the cap', async () => {
    const { pauses } = await timesOfCommits(() => Promise.reject(outage()));
    const { baseMs, capMs } = DEFAULTS.backoff;
    for (const [nth, pause] of pauses.entries()) expect(pause).toBeLessThanOrEqual(Math.min(capMs, baseMs * 2 ** nth));
    expect(Math.max(...pauses)).toBeGreaterThan(capMs / 2);
    expect(new Set(pauses).size).toBe(pauses.length);
  });

  test('after more conflicts, and says how many there were', async () => {
    const { times, report, pauses } = await timesOfCommits(async () => 'conflict');
    expect(pauses.slice(0, DEFAULTS.eagerConflicts + 1).map((ms) => ms > 0)).toEqual([false, false, false, true]);
    expect(report.counts.versionConflicts).toBe(times.length);
    expect(report.blocked).toMatchObject([
      { code: 'store.conflict', message: `The row changed ${times.length} times under this invocation` },
    ]);
  });

  test('for a letter that cannot be kept, while those that are kept do not come again', async () => {
    const { run, deadLetters } = bench({
      ports: (memory) => ({
        deadLetters: {
          put: onCall(memory.deadLetters.put, async (call, proceed, [letters]) => {
            if (call > 1) return proceed();
            await memory.deadLetters.put(letters.slice(0, 1), AbortSignal.abort());
            return letters.map((_, nth) => (nth === 0 ? undefined : outage()));
          }),
        },
      }),
    });
    const garbage = [1, 2].map((sequence) => ({ ...record({ sequence }), data: Buffer.from('?') }));
    const report = await run(garbage);
    expect(report).toMatchObject({ failedFrom: undefined, counts: { rejected: 2 } });
    expect(deadLetters.letters.map(({ position }) => position?.sequence)).toEqual(['1', '2']);
  });

  test('and puts the letter of an event only once, however often its key is committed', async () => {
    const { run, deadLetters } = bench(committing((_, nth) => (nth <= 2 ? 'outage' : undefined)));
    const report = await run([
      record({ id: 'a', sequence: 1 }),
      record({ id: 'b', sequence: 2, data: { throws: true } }),
    ]);
    expect(report).toMatchObject({ failedFrom: undefined, counts: { rejected: 1, applied: 1 } });
    expect(deadLetters.letters).toHaveLength(1);
  });
});

test('a key that the store leaves out of its answer is asked for again', async () => {
  const { run, store } = bench({
    ports: (memory) => ({
      store: {
        ...memory.store,
        read: onCall(memory.store.read, async (call, proceed) => (call === 1 ? new Map() : proceed())),
      },
    }),
  });
  expect(await run([record()])).toMatchObject({ failedFrom: undefined, counts: { applied: 1 } });
  expect(store.row('k')?.version).toBe(1);
});

test('a key that the store always leaves out is reported with the reason', async () => {
  const { run } = bench({ ports: ({ store }) => ({ store: { ...store, read: async () => new Map() } }) });
  expect(await run([record()])).toMatchObject({
    failedFrom: '1',
    blocked: [{ code: 'store.unprocessed', message: 'The store left the key out of its answer' }],
  });
});

test('a row may have just the size that is allowed, and not a byte more', async () => {
  const { run, store } = bench({ processor: silentCounter });
  await run([record()]);
  const bytes = itemSize(store.item('k') ?? {});
  const sized = (rowBytes: number) => bench({ processor: silentCounter, settings: { rowBytes } }).run([record()]);
  expect((await sized(bytes)).counts).toMatchObject({ applied: 1, rejected: 0 });
  expect((await sized(bytes - 1)).rejectedByCode.get('state.too-large')).toBe(1);
});
