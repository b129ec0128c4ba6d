import fc from 'fast-check';
import { simulateDelivery } from './delivery.ts';
import { breachesOfEffects, breachesOfLetters, breachesOfStates } from './oracle.ts';

/** `RUNS=5000 npm run test:simulation` for a longer look. */
const RUNS = Number(process.env.RUNS ?? 300);

test('every event counts once, in key order, and every effect arrives under one id with one content, however delivery is cut, repeated, overlapped, split, failed and given up', async () => {
  const reached = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const run = await simulateDelivery(seed);
      expect([...breachesOfStates(run), ...breachesOfEffects(run), ...breachesOfLetters(run)]).toEqual([]);
      for (const [name, count] of run.world.reached) reached.set(name, (reached.get(name) ?? 0) + count);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  // A run that meets no trouble proves nothing.
  for (const name of [
    'crashes',
    'fails',
    'losesAnswer',
    'stale',
    'misses',
    'versionConflicts',
    'ownWritesRecognised',
    'effectsResent',
    'duplicateById',
    'duplicateByPosition',
    'rejected',
  ]) {
    expect({ name, reached: reached.get(name) ?? 0 }).toEqual({ name, reached: expect.any(Number) });
    expect(reached.get(name) ?? 0).toBeGreaterThan(20);
  }
}, 120_000);
