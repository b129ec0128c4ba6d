import fc from 'fast-check';
import { World } from './world.ts';

/** Counts how often each value occurs. */
const countsOf = (values: readonly number[]): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

test('two operators who redrive at once, crash at any step and lose answers apply nothing twice and lose nothing', async () => {
  const total = { sent: 0, repeated: 0, inDoubt: 0, crashed: 0, deleted: 0, left: 0 };
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const world = new World(seed);
      await world.run(600);
      const applied = countsOf(world.applied);
      const waiting = new Set([...world.queue].map(({ id }) => id));
      const twice = [...applied].filter(([, times]) => times > 1);
      const lost = world.produced.filter((id) => !applied.has(id) && !waiting.has(id));
      expect({ twice, lost }).toEqual({ twice: [], lost: [] });
      for (const name of ['sent', 'repeated', 'inDoubt', 'crashed', 'deleted'] as const) {
        total[name] += world.tally[name];
      }
      total.left += world.queue.size;
    }),
    { numRuns: 40 },
  );
  // A world in which nothing happens proves nothing.
  expect(total.sent).toBeGreaterThan(1_000);
  expect(Math.min(total.inDoubt, total.crashed, total.repeated)).toBeGreaterThan(50);
  expect(total.left).toBeLessThan(total.deleted / 2);
});
