import { setImmediate as nextTurn } from 'node:timers/promises';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import { MILESTONES, type Milestone } from './reached.ts';
import { type RunOptions, type RunResult, run } from './run.ts';
import type { System, Workload } from './system.ts';
import type { Breach } from './world.ts';

/** A run in which a promise did not hold. */
export interface Failure {
  readonly seed: number;
  /** The first of them. */
  readonly breaches: readonly Breach[];
}

/** What many runs came to. Plain data, so that workers can send it. */
export interface Totals {
  seeds: number;
  /** Records handed to handlers, repeats included. */
  deliveries: number;
  /** Events that producers had. */
  events: number;
  /** Events that were accepted and count nowhere. */
  lost: number;
  /** Events that count twice. */
  twice: number;
  /** Records of which nobody knows what became. */
  unaccounted: number;
  /** How often each fault struck. */
  readonly faults: Record<string, number>;
  /** How often each state was come through. */
  readonly reached: Record<string, number>;
  readonly failures: Failure[];
}

export interface CampaignOptions extends Omit<RunOptions, 'trace'> {
  /** How many; 100 unless given. */
  readonly seeds?: number;
  /** The first; 1 unless given. */
  readonly from?: number;
  /** All unless given. */
  readonly faults?: Iterable<FaultKind>;
  /** Called after every run. */
  readonly onRun?: (result: RunResult) => void;
}

const MOST_BREACHES = 20;

export const noTotals = (): Totals => ({
  seeds: 0,
  deliveries: 0,
  events: 0,
  lost: 0,
  twice: 0,
  unaccounted: 0,
  faults: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])),
  reached: Object.fromEntries(Object.keys(MILESTONES).map((name) => [name, 0])),
  failures: [],
});

/**
 * Runs a system, or several that are connected by their streams, through many seeds. The first folds the workload; what it publishes is folded by
 * whichever has that stream as its input.
 */
export async function simulate(
  systems: System | readonly System[],
  workload: Workload,
  { seeds = 100, from = 1, faults = FAULT_KINDS, onRun, ...options }: CampaignOptions = {},
): Promise<Totals> {
  const all: readonly System[] = 'processors' in systems ? [systems] : systems;
  const enabled = new Set(faults);
  const totals = noTotals();
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await run(all, workload, { seed, faults: enabled }, options);
    addRun(totals, result);
    onRun?.(result);
    // A run leaves the event loop no turn.
    await nextTurn();
  }
  return totals;
}

export function addRun(
  totals: Totals,
  { case: { seed }, breaches, deliveries, events, faults, reached }: RunResult,
): void {
  const count = (kind: Breach['kind']): number => breaches.filter((breach) => breach.kind === kind).length;
  addTotals(totals, {
    seeds: 1,
    deliveries,
    events,
    lost: count('lost'),
    twice: count('twice'),
    unaccounted: count('unaccounted'),
    faults: Object.fromEntries(faults),
    reached: Object.fromEntries(reached),
    failures: breaches.length === 0 ? [] : [{ seed, breaches: breaches.slice(0, MOST_BREACHES) }],
  });
}

export function addTotals(totals: Totals, more: Totals): void {
  for (const name of ['seeds', 'deliveries', 'events', 'lost', 'twice', 'unaccounted'] as const)
    totals[name] += more[name];
  for (const [kind, times] of Object.entries(more.faults)) totals.faults[kind] = (totals.faults[kind] ?? 0) + times;
  for (const [name, times] of Object.entries(more.reached)) totals.reached[name] = (totals.reached[name] ?? 0) + times;
  totals.failures.push(...more.failures);
}

/** A campaign of so many seeds or more must come through every milestone a hundred times; a smaller one in proportion. */
const FULL_CAMPAIGN = { seeds: 2_000, times: 100 } as const;

export const timesDue = (seeds: number): number =>
  Math.floor(FULL_CAMPAIGN.times * Math.min(1, seeds / FULL_CAMPAIGN.seeds));

/** The milestones that a campaign with all faults came through too rarely: it proves less than it should. */
export const neglected = ({ seeds, reached }: Totals): readonly Milestone[] =>
  (Object.keys(MILESTONES) as Milestone[]).filter((name) => (reached[name] ?? 0) < timesDue(seeds));
