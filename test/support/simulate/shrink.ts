import type { FaultKind } from './faults.ts';

import { produce } from './produced.ts';
import { type Case, type RunOptions, type RunResult, run, START_MS } from './run.ts';
import type { System, Workload } from './system.ts';

/** How hard to try. */
const LIMITS = { runs: 500, schedules: 3 } as const;

/** The smallest failing run that was found, with its trace. */
export interface Shrunk {
  readonly result: RunResult;
  /** Runs that it took. */
  readonly runs: number;
}

/**
 * Makes a failing case smaller as long as it fails in the same way: fewer kinds of faults, then fewer events, by halves, quarters and so on (delta
 * debugging, after Zeller and Hildebrandt). Leaving an event out changes what comes when, so a case that no longer fails is tried under some
 * other schedules before it is given up.
 */
export async function shrink(
  systems: readonly System[],
  workload: Workload,
  failed: Case,
  options: RunOptions = {},
): Promise<Shrunk> {
  const first = await run(systems, workload, failed, { ...options, trace: true });
  const [breach] = first.breaches;
  if (breach === undefined) throw new Error(`Seed ${failed.seed} does not fail, so there is nothing to shrink`);
  let best = first;
  let runs = 1;
  const fails = async (candidate: Case): Promise<boolean> => {
    const schedules = [candidate.schedule ?? 0, ...Array.from({ length: LIMITS.schedules }, (_, nth) => nth)];
    for (const schedule of new Set(schedules)) {
      if (runs >= LIMITS.runs) return false;
      runs++;
      const result = await run(systems, workload, { ...candidate, schedule }, { ...options, trace: true });
      if (!result.breaches.some(({ kind }) => kind === breach.kind)) continue;
      best = result;
      return true;
    }
    return false;
  };
  const fewerFaults = (): Promise<void> =>
    leaveOut([...best.case.faults], (faults: readonly FaultKind[]) => fails({ ...best.case, faults: new Set(faults) }));
  await fewerFaults();
  const indexes = best.case.keep ?? allIndexes(failed, workload);
  await leaveOut([...indexes], (keep: readonly number[]) => fails({ ...best.case, keep: new Set(keep) }));
  await fewerFaults();
  return { result: best, runs };
}

const allIndexes = ({ seed, faults }: Case, workload: Workload): readonly number[] =>
  produce(seed, START_MS, workload, faults).map(({ index }) => index);

/** Leaves out ever smaller parts of a list, as long as `fails` says that the rest will do. */
async function leaveOut<T>(list: readonly T[], fails: (rest: readonly T[]) => Promise<boolean>): Promise<void> {
  let left = list;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length; ) {
      const rest = [...left.slice(0, at), ...left.slice(at + size)];
      if (await fails(rest)) left = rest;
      else at += size;
    }
  }
}

/** The command that runs a case again. */
export function replayCommand({ seed, faults, schedule = 0, keep }: Case, system?: string): string {
  const parts = ['npm run simulate --', `--seed ${seed}`];
  if (system !== undefined) parts.push(`--system ${system}`);
  parts.push(`--faults ${faults.size === 0 ? 'none' : [...faults].join(',')}`);
  if (schedule !== 0) parts.push(`--schedule ${schedule}`);
  if (keep !== undefined) parts.push(`--keep ${[...keep].join(',')}`);
  return parts.join(' ');
}
