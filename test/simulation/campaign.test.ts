import type { Ports } from '../../lambdas/runtime/context.ts';
import { FAULT_KINDS, replayCommand, run, shrink, simulate } from '../support/simulate.ts';
import { TOPOLOGIES } from './systems/topologies.ts';

const { ledger, profiles } = TOPOLOGIES;
const ALL = new Set(FAULT_KINDS);

test.each([
  ['a ledger and, behind it, the totals of its groups', ledger, 30],
  ['profiles', profiles, 10],
])(
  '%s come through every kind of fault: nothing lost, nothing twice, nothing unaccounted',
  async (_, topology, seeds) => {
    const totals = await simulate([...topology.systems], topology.workload, { seeds });
    expect(totals.failures).toEqual([]);
    expect(totals).toMatchObject({ seeds, lost: 0, twice: 0, unaccounted: 0 });
    expect(totals.deliveries).toBeGreaterThan(seeds * 100);
    for (const [kind, times] of Object.entries(totals.faults))
      expect({ kind, struck: times > 0 }).toEqual({ kind, struck: true });
  },
);

test('a seed gives the same run every time, and another seed another one', async () => {
  const traceOf = async (seed: number): Promise<readonly string[]> =>
    (await run(ledger.systems, ledger.workload, { seed, faults: ALL }, { trace: true })).trace;
  const first = await traceOf(7);
  expect(first.length).toBeGreaterThan(100);
  expect(await traceOf(7)).toEqual(first);
  expect(await traceOf(8)).not.toEqual(first);
});

/** A planted bug: every outbox counts as sent, so what a crash kept from being sent is lost. */
const believing = (ports: Ports): Ports => ({
  ...ports,
  checkpoints: { ...ports.checkpoints, existing: async (tokens) => new Set(tokens) },
});

test('a planted bug is found, and shrinks to a case of at most 20 events that can be run again', async () => {
  const totals = await simulate([...ledger.systems], ledger.workload, { seeds: 10, aroundPorts: believing });
  const [failure] = totals.failures;
  if (failure === undefined) throw new Error('The planted bug was not found');
  const { result } = await shrink(
    ledger.systems,
    ledger.workload,
    { seed: failure.seed, faults: ALL },
    { aroundPorts: believing },
  );
  expect(result.breaches.length).toBeGreaterThan(0);
  expect(result.case.keep?.size).toBeLessThanOrEqual(20);
  expect(result.case.faults.size).toBeLessThan(FAULT_KINDS.length);
  expect(replayCommand(result.case)).toMatch(/^npm run simulate -- --seed \d+ --faults \S+/);
  const again = await run(ledger.systems, ledger.workload, result.case, { aroundPorts: believing });
  expect(again.breaches).toEqual(result.breaches);
});
