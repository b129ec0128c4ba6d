/**
 * Runs a system, its real processor, runtime and event source mapping engine, through everything that can go wrong, in virtual time, and judges
 * what is left. For whoever adds a system: docs/simulation.md.
 */
export { type CampaignOptions, type Failure, neglected, simulate, type Totals, timesDue } from './simulate/campaign.ts';
export { FAULT_KINDS, FAULTS, type FaultKind, isFaultKind } from './simulate/faults.ts';
export { type Case, type RunOptions, type RunResult, run } from './simulate/run.ts';
export { replayCommand, type Shrunk, shrink } from './simulate/shrink.ts';
export type { FinalRow, System, Workload, WorkloadEvent } from './simulate/system.ts';
export type { Breach } from './simulate/world.ts';
