import { hashesOf } from '../../../lambdas/core/ids.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { type Counter, counter, record } from '../../support/counter.ts';
import { bench } from '../../support/runtime.ts';

const broken: Processor<Counter> = {
  ...counter,
  reduce: () => {
    throw new Error('as a bad deployment does');
  },
};

/** What queues and rows say of one event after a roll-back. */
describe('an event that a bad deployment rejected', () => {
  test('is applied if its record comes again after the roll-back, and its row knows it: the letter is no proof', async () => {
    let down = true;
    const { run, runCold, deadLetters, store } = bench({
      ports: (memory) => ({
        store: {
          ...memory.store,
          // An earlier record of the batch holds the whole batch back.
          read: async (keys, consistent, signal) => {
            const rows = new Map(await memory.store.read(keys, consistent, signal));
            if (down && rows.has('slow')) rows.set('slow', new TransientError('store.throttled', 'as told'));
            return rows;
          },
        },
      }),
    });
    const batch = [record({ key: 'slow', id: 'a', sequence: 1 }), record({ id: 'b', sequence: 2 })];
    expect(await runCold(batch, broken)).toMatchObject({ failedFrom: '1', counts: { rejected: 1 } });
    expect(deadLetters.letters).toMatchObject([
      { position: { sequence: '2' }, cause: { code: 'event.reducer-threw' } },
    ]);

    down = false;
    expect(await run(batch)).toMatchObject({ failedFrom: undefined, counts: { applied: 2 } });
    expect(store.row('k')?.state).toEqual({ folded: ['b'] });
    expect(hashesOf(store.row('k')?.ids ?? []).size).toBe(1);
  });
});

describe('the guard against a bad deployment', () => {
  const events = (throwing: number, good: number) => [
    ...Array.from({ length: throwing }, (_, n) =>
      record({ id: `bad${n}`, key: `bad${n % 5}`, sequence: n + 1, data: { throws: true } }),
    ),
    ...Array.from({ length: good }, (_, n) =>
      record({ id: `good${n}`, key: `good${n % 5}`, sequence: throwing + n + 1 }),
    ),
  ];

  test.each([
    ['half of many events', 25, 25, false],
    ['more than half of them', 26, 25, true],
    ['all of the fewest events that tell anything', 20, 0, true],
    ['all of one less', 19, 0, false],
  ])('judges by what it folded: a reducer that throws on %s', async (_, throwing, good, broken) => {
    const { failedFrom, counts } = await bench().run(events(throwing, good));
    expect(counts).toMatchObject(broken ? { brokenBatches: 1, rejected: 0 } : { brokenBatches: 0, rejected: throwing });
    expect(failedFrom).toBe(broken ? '1' : undefined);
  });

  test('tells how many events it was, and what to do', async () => {
    const { blocked } = await bench().run(events(20, 10));
    expect(blocked[0]?.message).toBe(
      'The reducer threw on 20 of 30 events: roll the deployment back, or redrive if the events are at fault',
    );
  });

  test('lets keys go on that it did not throw on, though they come late to the judgement', async () => {
    const { run, runCold, store } = bench({
      ports: ({ checkpoints }) => ({ checkpoints: { ...checkpoints, existing: async () => new Set() } }),
    });
    // Their effects are not proven, so that they too must be read consistently, together with those that throw.
    await run(events(0, 5).map((known, n) => ({ ...known, sequence: String(n + 1) })));
    const report = await runCold([
      ...events(20, 0),
      ...Array.from({ length: 5 }, (_, n) => record({ id: `more${n}`, key: `good${n}`, sequence: 100 + n })),
    ]);
    expect(report).toMatchObject({ failedFrom: '1', counts: { brokenBatches: 1, applied: 5, rejected: 0 } });
    expect(store.row('good4')?.state).toEqual({ folded: ['good4', 'more4'] });
  });

  test('does not count events that are rejected for another reason', async () => {
    const { failedFrom, counts } = await bench({ settings: { rowBytes: 10 } }).run(events(0, 30));
    expect(failedFrom).toBeUndefined();
    expect(counts).toMatchObject({ rejected: 30, brokenBatches: 0 });
  });
});

describe('a state that the deployed code cannot use', () => {
  const migrating = (migrate: () => never): Processor<Counter> => ({
    ...counter,
    state: { version: 2, initial: () => ({ folded: [] }), migrations: { 1: migrate } },
  });

  test.each([
    ['an error', new RangeError('ada@example.org'), /: RangeError at .+deployments\.test\.ts:\d+:\d+/],
    ['no error', 'odd', /: an unknown value$/],
  ])('stops its key and tells why, but not in words that may quote the row: %s', async (_, thrown, what) => {
    const { run, runCold, store } = bench();
    await run([record({ id: 'a', sequence: 1 })]);
    const unable = migrating(() => {
      throw thrown;
    });
    const { failedFrom, blocked } = await runCold([record({ id: 'b', sequence: 2 })], unable);
    expect(failedFrom).toBe('2');
    expect(blocked).toMatchObject([{ code: 'state.unusable', message: expect.stringMatching(what) }]);
    expect(blocked[0]?.message).toMatch(/^The deployed code cannot use or write the row's state: /);
    expect(JSON.stringify(blocked)).not.toContain('ada@example.org');
    expect(store.row('k')?.version).toBe(1);
  });

  test('for want of a migration says between which versions', async () => {
    const { run, runCold } = bench();
    await run([record({ id: 'a', sequence: 1 })]);
    const later: Processor<Counter> = { ...counter, state: { ...counter.state, version: 2, migrations: {} } };
    const { blocked } = await runCold([record({ id: 'b', sequence: 2 })], later);
    expect(blocked[0]?.message).toContain(': MissingMigration: No migration from state version 1 to 2');
  });

  test('because it is of newer code says both versions', async () => {
    const { runCold } = bench();
    const newer = migrating(() => {
      throw new Error('Nothing is to be migrated');
    });
    await runCold([record({ id: 'a', sequence: 1 })], newer);
    const { blocked } = await runCold([record({ id: 'b', sequence: 2 })]);
    expect(blocked[0]?.message).toBe('The row has state version 2, this code knows 1: it waits for newer code');
  });
});
