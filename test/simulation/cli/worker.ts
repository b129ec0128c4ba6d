import { parentPort, workerData } from 'node:worker_threads';
import { type FaultKind, simulate, type Totals } from '../../support/simulate.ts';
import { TOPOLOGIES, type TopologyName } from '../systems/topologies.ts';

/** What a worker is to run. */
export interface WorkerTask {
  readonly system: TopologyName;
  readonly faults: readonly FaultKind[];
}

/** Seeds that a worker takes at a time. */
export interface Portion {
  readonly from: number;
  readonly seeds: number;
}

export type PortionDone = Totals;

// Faults throw thousands of errors whose stacks nobody reads; the replay of a seed has them.
Error.stackTraceLimit = 0;

const { system, faults } = workerData as WorkerTask;
const { systems, workload } = TOPOLOGIES[system];

/** Each portion is answered with its totals. */
parentPort?.on('message', async ({ from, seeds }: Portion) => {
  const totals = await simulate(systems, workload, { from, seeds, faults });
  parentPort?.postMessage(totals satisfies PortionDone);
});
