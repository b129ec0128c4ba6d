export type { Case, RunOptions, RunResult } from './simulate/run.ts';
export { run } from './simulate/run.ts';
export type { FinalRow, System, Workload, WorkloadEvent } from './simulate/system.ts';
