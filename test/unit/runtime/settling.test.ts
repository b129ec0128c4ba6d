import type { Processor } from '../../../lambdas/core/processor.ts';
import type { Row } from '../../../lambdas/core/row.ts';
import { KnownCheckpoints } from '../../../lambdas/runtime/context.ts';
import { type Checkpoints, TransientError } from '../../../lambdas/runtime/ports.ts';
import { type Counter, counter, record } from '../../support/counter.ts';
import { type Bench, bench, onCall } from '../../support/runtime.ts';

const outage = (): TransientError => new TransientError('checkpoints.throttled', 'as told');
const a = record({ id: 'a', sequence: 1 });
const b = record({ id: 'b', sequence: 2 });
const never = new AbortController().signal;
const folded = ({ store }: Bench, key = 'k') => store.row(key)?.state.folded;

/** Checkpoints that are written and never found. */
const unproven = (checkpoints: Checkpoints): Checkpoints => ({ ...checkpoints, existing: async () => new Set() });

describe('before anything is folded into a row with effects', () => {
  test('it is known whether they were sent, and other rows do not wait for that', async () => {
    let down = false;
    const world = bench({
      ports: ({ checkpoints }) => ({
        checkpoints: {
          ...checkpoints,
          existing: (...args) => (down ? Promise.reject(outage()) : checkpoints.existing(...args)),
        },
      }),
    });
    await world.run([a]);
    down = true;
    const report = await world.runCold([b, record({ key: 'new', id: 'n', sequence: 3 })]);
    expect(report).toMatchObject({ failedFrom: '2', blocked: [{ code: 'checkpoints.throttled' }] });
    expect(folded(world)).toEqual(['a']);
    expect(folded(world, 'new')).toEqual(['n']);
    expect(report.counts.effectsResent).toBe(0);
  });

  test('they are all sent', async () => {
    let down = false;
    const world = bench({
      ports: ({ checkpoints, sink }) => ({
        checkpoints: unproven(checkpoints),
        sink: { send: (...args) => (down ? Promise.reject(outage()) : sink.send(...args)) },
      }),
    });
    await world.run([a]);
    down = true;
    expect(await world.runCold([b])).toMatchObject({ failedFrom: '2', blocked: [{ code: 'checkpoints.throttled' }] });
    expect(folded(world)).toEqual(['a']);
    down = false;
    expect(await world.runCold([b])).toMatchObject({ failedFrom: undefined, counts: { effectsResent: 2, applied: 1 } });
    expect(folded(world)).toEqual(['a', 'b']);
  });

  test('they are sent once, however often the commit after them is tried', async () => {
    const world = bench({
      ports: ({ checkpoints, store }) => ({
        checkpoints: unproven(checkpoints),
        store: {
          ...store,
          commit: onCall(store.commit, (call, proceed) =>
            call > 1 && call <= 4 ? Promise.reject(outage()) : proceed(),
          ),
        },
      }),
    });
    await world.run([a]);
    expect((await world.runCold([b])).counts).toMatchObject({ effectsResent: 2, applied: 1 });
  });

  test('those of a row that somebody else has written meanwhile are sent as well', async () => {
    let interfere = async (): Promise<unknown> => undefined;
    const world = bench({
      ports: ({ checkpoints, store }) => ({
        checkpoints: unproven(checkpoints),
        store: {
          ...store,
          commit: onCall(store.commit, async (call, proceed) => {
            if (call === 2) await interfere();
            return proceed();
          }),
        },
      }),
    });
    await world.run([a]);
    const first = world.store.row('k') as Row;
    interfere = () => world.store.commit({ ...first, version: 2, token: 'another' }, first, never);
    expect((await world.runCold([b])).counts).toMatchObject({ versionConflicts: 1, effectsResent: 4, applied: 1 });
    expect(world.sink.accepted.map(({ version }) => version)).toEqual([1, 1, 1, 1, 2, 2, 3, 3]);
  });

  test.each([
    ['an error', new RangeError('as told'), 'The effects of the committed row could not be computed: RangeError'],
    ['no error', 'odd', 'The effects of the committed row could not be computed: an unknown value'],
  ])(
    'they can be told: code that throws %s when it should tell them waits for better code',
    async (_, thrown, message) => {
      const unable: Processor<Counter> = {
        ...(counter as Processor<Counter>),
        effectsOfCommit: () => {
          throw thrown;
        },
      };
      const world = bench({ ports: ({ checkpoints }) => ({ checkpoints: unproven(checkpoints) }) });
      await world.run([a]);
      const report = await world.runCold([b], unable);
      expect(report).toMatchObject({ failedFrom: '2', blocked: [{ code: 'effects.threw', message }] });
      expect(folded(world)).toEqual(['a']);
      expect(world.deadLetters.letters).toEqual([]);
      // The same of a commit of its own: it stands, and the record comes again.
      const fresh = await world.runCold([record({ key: 'new', sequence: 3 })], unable);
      expect(fresh).toMatchObject({
        failedFrom: '3',
        counts: { puts: 1 },
        blocked: [{ code: 'effects.threw', message }],
      });
    },
  );

  test('rows of one batch are settled each by itself: proven, unproven, new', async () => {
    const forgotten = new Set<string>();
    const world = bench({
      ports: ({ checkpoints }) => ({
        checkpoints: {
          ...checkpoints,
          existing: async (tokens) => new Set(tokens.filter((token) => !forgotten.has(token))),
        },
      }),
    });
    await world.run([record({ key: 'proven', id: 'p1', sequence: 1 })]);
    await world.run([record({ key: 'unproven', id: 'u1', sequence: 2 })]);
    forgotten.add(world.store.row('unproven')?.token ?? '');
    const report = await world.runCold(
      ['proven', 'unproven', 'new'].map((key, nth) => record({ key, id: `${key}2`, sequence: 10 + nth })),
    );
    expect(report).toMatchObject({ failedFrom: undefined, counts: { applied: 3, effectsResent: 2 } });
    expect(['proven', 'unproven', 'new'].map((key) => folded(world, key))).toEqual([
      ['p1', 'proven2'],
      ['u1', 'unproven2'],
      ['new2'],
    ]);
  });
});

describe('what is known of checkpoints', () => {
  const asking = () => {
    const asked: string[][] = [];
    const world = bench({
      ports: ({ checkpoints }) => ({
        checkpoints: {
          ...checkpoints,
          existing: (tokens, signal) => {
            asked.push([...tokens]);
            return checkpoints.existing(tokens, signal);
          },
        },
      }),
    });
    return { asked, ...world };
  };

  test('is remembered by an environment: it asks for none of its own', async () => {
    const { run, asked } = asking();
    await run([a]);
    await run([b]);
    expect(asked).toEqual([]);
  });

  test('is asked for once, for many rows of one invocation and over many batches', async () => {
    const { run, runCold, store, asked } = asking();
    await runCold(['x', 'y', 'z'].map((key, nth) => record({ key, sequence: nth + 1 })));
    const token = store.row('x')?.token;
    await run(['x', 'y'].map((key, nth) => record({ key, id: 'e2', sequence: nth + 10 })));
    await run([record({ key: 'z', id: 'e2', sequence: 20 })]);
    expect(asked).toEqual([[token]]);
  });

  test('is forgotten, the oldest first, once there is too much of it', () => {
    const known = new KnownCheckpoints(2);
    for (const token of ['first', 'second', 'third']) known.add(token);
    expect(['first', 'second', 'third'].map((token) => known.has(token))).toEqual([false, true, true]);
    known.add('third');
    expect(known.has('second')).toBe(true);
  });
});
