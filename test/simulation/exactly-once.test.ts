import fc from 'fast-check';
import { addRun, noTotals } from '../support/simulate/campaign.ts';
import { FAULT_KINDS, neglected, run } from '../support/simulate.ts';
import { bookings, ledger } from './systems/ledger.ts';
import { totals as downstream } from './systems/totals.ts';

/** `RUNS=2000 npm run jest -- test/simulation` for a longer look; `npm run simulate` for the longest. */
const RUNS = Number(process.env.RUNS ?? 40);

test('every event counts once, in key order, and every effect arrives under one id with one content, over two hops, however delivery is cut, repeated, overlapped, split, merged, failed, deployed over and given up', async () => {
  const totals = noTotals();
  const faults = new Set(FAULT_KINDS);
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const result = await run([ledger, downstream], bookings(120), { seed, faults });
      addRun(totals, result);
      expect(result.breaches).toEqual([]);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  // Runs that meet no trouble prove nothing.
  expect(neglected(totals)).toEqual([]);
  for (const kind of FAULT_KINDS) expect([kind, totals.faults[kind]]).not.toEqual([kind, 0]);
}, 120_000);
