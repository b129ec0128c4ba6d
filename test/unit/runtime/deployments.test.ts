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
