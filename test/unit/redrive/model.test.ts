import fc from 'fast-check';
import { World, type WorldOptions } from './world.ts';

/** Counts how often each value occurs. */
const countsOf = (values: readonly number[]): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

/** Runs worlds until one applies an event twice or loses one. Returns what happened in all of them together. */
async function runWorlds(options: WorldOptions, numRuns: number) {
  const total = { sent: 0, repeated: 0, inDoubt: 0, crashed: 0, deleted: 0, left: 0 };
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const world = new World(seed, options);
      await world.run(600);
      const { produced, applied, repeated } = world.stream;
      const counts = countsOf(applied);
      const waiting = new Set([...world.queue].map(({ id }) => id));
      const twice = [...counts].filter(([, times]) => times > 1);
      const lost = produced.filter((id) => !counts.has(id) && !waiting.has(id));
      expect({ twice, lost }).toEqual({ twice: [], lost: [] });
      for (const name of ['sent', 'inDoubt', 'crashed', 'deleted'] as const) total[name] += world.tally[name];
      total.repeated += repeated;
      total.left += world.queue.size;
    }),
    { numRuns },
  );
  return total;
}

// A world in which nothing happens proves nothing: each test says what must have happened.

test('two operators who redrive at once, crash at any step and lose answers apply nothing twice and lose nothing', async () => {
  const total = await runWorlds({}, 40);
  expect(total.sent).toBeGreaterThan(1_000);
  expect(Math.min(total.inDoubt, total.crashed, total.repeated)).toBeGreaterThan(50);
  expect(total.left).toBeLessThan(total.deleted / 2);
});

test('nor do they if producers send events twice, provided that they take no letter’s word and wait until the window for repeats is processed', async () => {
  const total = await runWorlds({ retries: true, strict: true, bursts: 0.01 }, 120);
  expect(total.sent).toBeGreaterThan(80);
  expect(Math.min(total.inDoubt, total.crashed, total.repeated)).toBeGreaterThan(3);
});
