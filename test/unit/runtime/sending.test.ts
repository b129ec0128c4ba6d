import type { Processor } from '../../../lambdas/core/processor.ts';
import { type AddressedEffect, type SendResult, TransientError } from '../../../lambdas/runtime/ports.ts';
import { type Counter, counter, record } from '../../support/counter.ts';
import { type BenchOptions, bench, onCall } from '../../support/runtime.ts';

const outage = (): TransientError => new TransientError('sink.throttled', 'as told');
const ACCEPTED: SendResult = { kind: 'accepted' };
const typeOf = ({ effect }: AddressedEffect): string => (effect.kind === 'publish' ? effect.type : effect.kind);
const called = ({ key, effect }: AddressedEffect): string => `${key} ${effect.kind === 'publish' ? effect.type : ''}`;

/** A bench whose sink answers each effect as told, and notes what each call was given. */
function sending(answer: (effect: AddressedEffect, call: number) => SendResult, options: BenchOptions = {}) {
  const calls: string[][] = [];
  const world = bench({
    ...options,
    ports: (memory) => ({
      ...options.ports?.(memory),
      sink: {
        send: async (effects) => {
          calls.push(effects.map(called));
          return effects.map((effect) => answer(effect, calls.length));
        },
      },
    }),
  });
  return { ...world, calls };
}

describe('of the effects of one invocation', () => {
  const batch = ['first', 'second', 'third'].map((key, nth) => record({ key, id: key, sequence: nth + 1 }));

  test('only those that were not accepted are sent again', async () => {
    const { run, calls } = sending(({ key }, call) => (key === 'second' && call === 1 ? outage() : ACCEPTED));
    const { failedFrom, counts } = await run(batch);
    expect(failedFrom).toBeUndefined();
    expect(calls.slice(1)).toEqual([['second test.counted', 'second test.committed']]);
    expect(counts.effectsSent).toBe(6);
  });

  test('those of one row too', async () => {
    const { run, calls } = sending((effect, call) =>
      typeOf(effect) === 'test.committed' && call === 1 ? outage() : ACCEPTED,
    );
    expect(await run([record()])).toMatchObject({ failedFrom: undefined, counts: { effectsSent: 2 } });
    expect(calls).toEqual([['k test.counted', 'k test.committed'], ['k test.committed']]);
  });

  test('those that are never accepted hold back the record of their key, and no other', async () => {
    const { run, store, checkpoints } = sending(({ key }) => (key === 'second' ? outage() : ACCEPTED));
    expect(await run(batch)).toMatchObject({
      failedFrom: '2',
      counts: { effectsSent: 4, blockedKeys: 1, applied: 3 },
      blocked: [{ code: 'sink.throttled', message: 'as told' }],
    });
    expect(store.keys()).toHaveLength(3);
    expect(checkpoints.written.size).toBe(0);
  });

  test('a call is never made for nothing', async () => {
    const { run, runCold, calls } = sending(() => ACCEPTED);
    await run([record({ sequence: 1 }), { ...record({ sequence: 2 }), data: Buffer.from('?') }]);
    await runCold([record({ sequence: 1 })]);
    expect(calls).toHaveLength(1);
  });
});

describe('an effect that its sink refuses for good', () => {
  const refused = (effect: AddressedEffect): SendResult =>
    typeOf(effect) === 'test.counted' ? { kind: 'refused', message: 'too large' } : ACCEPTED;

  test('is kept with its content, and with what caused it', async () => {
    const { run, deadLetters } = sending(refused);
    expect((await run([record({ id: 'a' })])).counts).toMatchObject({ effectsSent: 1, rejected: 1 });
    const [letter] = deadLetters.letters;
    expect(letter).toMatchObject({
      processor: 'counter',
      cause: {
        code: 'effect.refused',
        message: 'too large',
        details: { kind: 'publish', causedBy: 'a', version: 1 },
      },
    });
    expect(JSON.parse(Buffer.from(letter?.payload ?? []).toString())).toMatchObject({
      kind: 'publish',
      type: 'test.counted',
      data: { id: 'a', count: 1 },
    });
  });

  test.each<[string, () => Promise<readonly TransientError[]>]>([
    ['the queue is down', () => Promise.reject(outage())],
    ['the queue does not take it', async () => [outage()]],
  ])('is sent again while %s, and alone', async (_, failing) => {
    const { run, calls, deadLetters } = sending(refused, {
      ports: (memory) => ({
        deadLetters: {
          put: onCall(memory.deadLetters.put, (call, proceed) => (call === 1 ? failing() : proceed())),
        },
      }),
    });
    expect(await run([record()])).toMatchObject({ failedFrom: undefined, counts: { effectsSent: 1, rejected: 1 } });
    expect(calls).toEqual([['k test.counted', 'k test.committed'], ['k test.counted']]);
    expect(deadLetters.letters).toHaveLength(1);
  });
});

describe('effects of a commit', () => {
  const { effectsOfCommit: _, ...without } = counter as Processor<Counter>;
  const first = record({ id: 'a', sequence: 1 });
  const second = record({ id: 'b', sequence: 2 });
  /** Nothing proves that effects were sent, so that the next invocation sends them again. */
  const forgetful: BenchOptions = {
    ports: ({ checkpoints }) => ({ checkpoints: { ...checkpoints, existing: async () => new Set<string>() } }),
  };

  test('are none of a processor that has only those of events', async () => {
    const { run, calls } = sending(() => ACCEPTED, { processor: without });
    await run([first]);
    expect(calls).toEqual([['k test.counted']]);
  });

  test('are not made up for a commit of code that had none', async () => {
    const { run, runCold, calls } = sending(() => ACCEPTED, { ...forgetful, processor: without });
    await run([first]);
    expect(await runCold([second], counter as Processor<Counter>)).toMatchObject({ failedFrom: undefined });
    expect(calls.slice(1)).toEqual([['k test.counted'], ['k test.counted', 'k test.committed']]);
  });

  test('are dropped with the code that had them', async () => {
    const { run, runCold, calls } = sending(() => ACCEPTED, forgetful);
    await run([first]);
    expect(await runCold([second], without)).toMatchObject({ failedFrom: undefined });
    expect(calls.slice(1)).toEqual([['k test.counted'], ['k test.counted']]);
  });
});

describe('a row effect with an attribute that is reserved', () => {
  const effect = {
    kind: 'row',
    table: 'view',
    key: 'k',
    write: { when: 'once' },
    attributes: { _trace: 'mine' },
  } as const;
  const one = record({ id: 'a', sequence: 1 });
  const base = counter as Processor<Counter>;
  const reduce: typeof base.reduce = (state, event) => ({ ...base.reduce(state, event), effects: [effect] });

  test('of an event commits nothing, and its key waits for better code', async () => {
    const { run, runCold, store, calls, deadLetters } = sending(() => ACCEPTED, {
      processor: { ...base, reduce },
    });
    expect(await run([one])).toMatchObject({
      failedFrom: '1',
      blocked: [{ code: 'state.unusable', message: expect.stringContaining('attribute _trace is reserved') }],
    });
    expect([store.keys(), calls, deadLetters.letters]).toEqual([[], [], []]);
    expect(await runCold([one], base)).toMatchObject({ failedFrom: undefined, counts: { applied: 1 } });
  });

  test('of a commit is not sent, nor are the others of that commit before there is better code', async () => {
    const { run, runCold, calls } = sending(() => ACCEPTED, {
      processor: { ...base, effectsOfCommit: () => [effect] },
    });
    expect(await run([one])).toMatchObject({ failedFrom: '1', blocked: [{ code: 'effects.threw' }] });
    expect(calls).toEqual([]);
    expect(await runCold([one], base)).toMatchObject({ failedFrom: undefined });
    expect(calls).toEqual([['k test.counted', 'k test.committed']]);
  });
});
