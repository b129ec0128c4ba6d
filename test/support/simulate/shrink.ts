import type { FaultKind } from './faults.ts';

import { produce } from './produced.ts';
import { type Case, type RunOptions, type RunResult, run, START_MS } from './run.ts';
import type { System, Workload } from './system.ts';

/**
 * How hard to try. The smaller a case is, the fewer are its chances for a fault to strike in the right place, and the cheaper is one more schedule:
 * so many events are put for one candidate, and for all of them together.
 */
const LIMITS = { eventsPerCandidate: 400, events: 60_000, schedules: { least: 1, most: 60 } } as const;

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
  const first = await run(systems, workload, failed, options);
  const [breach] = first.breaches;
  if (breach === undefined) throw new Error(`Seed ${failed.seed} does not fail, so there is nothing to shrink`);
  let best = first.case;
  let runs = 1;
  let put = 0;
  const fails = async (candidate: Case, size: number): Promise<boolean> => {
    for (const schedule of schedulesFor(candidate, size)) {
      if (put >= LIMITS.events) return false;
      runs++;
      const { breaches, case: tried, events } = await run(systems, workload, { ...candidate, schedule }, options);
      put += events;
      if (!breaches.some(({ kind }) => kind === breach.kind)) continue;
      best = tried;
      return true;
    }
    return false;
  };
  const all = allIndexes(failed, workload);
  const indexes = (): readonly number[] => [...(best.keep ?? all)];
  const fewerFaults = (): Promise<void> =>
    leaveOut([...best.faults], (faults: readonly FaultKind[]) =>
      fails({ ...best, faults: new Set(faults) }, indexes().length),
    );
  const fewerEvents = (): Promise<void> =>
    leaveOut(indexes(), (keep: readonly number[]) => fails({ ...best, keep: new Set(keep) }, keep.length));
  // Most bugs take one kind of fault, and each kind that is gone makes all that follows quicker.
  for (const kind of failed.faults) if (await fails({ ...best, faults: new Set([kind]) }, all.length)) break;
  await fewerFaults();
  await fewerEvents();
  await fewerFaults();
  await fewerEvents();
  return { result: await run(systems, workload, best, { ...options, trace: true }), runs };
}

function schedulesFor({ schedule = 0 }: Case, events: number): Iterable<number> {
  const { least, most } = LIMITS.schedules;
  const count = Math.min(most, Math.max(least, Math.floor(LIMITS.eventsPerCandidate / Math.max(1, events))));
  return new Set([schedule, ...Array.from({ length: count }, (_, nth) => nth)]);
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
