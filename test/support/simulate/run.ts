import type { Ports } from '../../../lambdas/runtime/context.ts';
import { FaultDeck, type FaultKind } from './faults.ts';
import type { Happening } from './happenings.ts';
import { breachesOf } from './oracle/oracle.ts';
import { type Part, partOf, producersOf } from './parts.ts';
import { type Plan, planOf } from './plan.ts';
import { countEventFaults, produce } from './produced.ts';
import type { Producer } from './producer.ts';
import { Random } from './random.ts';
import { Requests } from './requests.ts';
import { reshard } from './reshard.ts';
import { Scheduler, StandstillError } from './scheduler.ts';
import { settleGaps } from './settle-gaps.ts';
import { Streams } from './streams.ts';
import type { System, Workload } from './system.ts';
import { Trace } from './trace.ts';
import { Weather } from './weather.ts';
import type { Breach, World } from './world.ts';

/** Which run: everything that decides it, so that it can be had again. */
export interface Case {
  readonly seed: number;
  readonly faults: ReadonlySet<FaultKind>;
  /** Another order of things for the same events and plan; 0 unless given. */
  readonly schedule?: number;
  /** Indexes of the workload's events that are put; all unless given. */
  readonly keep?: ReadonlySet<number>;
}

export interface RunOptions {
  readonly trace?: boolean;
  /** Puts something between the runtime and its ports: a bug, to see it found. */
  readonly aroundPorts?: (ports: Ports, system: string) => Ports;
}

/** What a run came to. */
export interface RunResult {
  readonly case: Case;
  /** Nothing if every promise held. */
  readonly breaches: readonly Breach[];
  /** Records handed to handlers, repeats included. */
  readonly deliveries: number;
  /** Events that producers had. */
  readonly events: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly reached: ReadonlyMap<string, number>;
  readonly trace: readonly string[];
}

/** When every run begins, epoch milliseconds. */
export const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 3_600_000;
/** No run needs nearly as much; one that does makes no progress. */
const LIMITS = { faultyDays: 3, calmDays: 2, steps: 400_000 } as const;

/** Runs one case to its end: faults strike, cease, everything drains, and the oracle judges. The same case gives the same result. */
export async function run(
  systems: readonly System[],
  workload: Workload,
  which: Case,
  options: RunOptions = {},
): Promise<RunResult> {
  const produced = produce(which.seed, START_MS, workload, which.faults, which.keep);
  const spanMs = produced.at(-1)?.dueMs ?? 0;
  const plan = planOf(which.seed, systems, which.faults, spanMs);
  const world = worldOf(which, plan, options);
  countEventFaults(produced, world.deck);
  const parts = plan.mappings.map((mapping) => partOf(world, mapping, produced, options));
  const producers = producersOf(world, systems, produced);
  for (const happening of plan.happenings) {
    world.scheduler.at(START_MS + happening.atMs, () => happen(world, parts, happening));
  }
  for (const { mapping } of parts) mapping.start();
  const breaches: Breach[] = [];
  try {
    await faulty(world, producers, START_MS + spanMs + plan.aftermathMs);
    await calm(world, parts);
    await settleGaps(world, parts, () => drained(world, parts));
    breaches.push(...world.breaches, ...breachesOf(parts, world.streams, produced));
  } catch (error) {
    if (!(error instanceof StandstillError)) throw error;
    breaches.push(...world.breaches, { kind: 'drain', message: `It does not drain: ${error.message}` });
  }
  for (const part of parts) part.function.release();
  for (const { kind, message } of breaches) world.trace?.add('oracle', `${kind}: ${message}`);
  return {
    case: which,
    breaches,
    deliveries: parts.reduce((sum, part) => sum + part.function.deliveries, 0),
    events: produced.length,
    faults: world.deck.counts,
    reached: world.reached,
    trace: world.trace?.lines ?? [],
  };
}

function worldOf({ seed, schedule = 0, faults }: Case, plan: Plan, { trace: traced = false }: RunOptions): World {
  const random = Random.for('schedule', seed, schedule);
  const scheduler = new Scheduler(START_MS);
  const deck = new FaultDeck(faults, random);
  const weather = new Weather(scheduler, deck, random, plan.windows, START_MS);
  const trace = traced ? new Trace(() => scheduler.now(), START_MS) : undefined;
  let tokens = 0;
  return {
    startMs: START_MS,
    scheduler,
    random,
    deck,
    weather,
    requests: new Requests(scheduler, random, deck, weather),
    streams: new Streams(scheduler, random, deck, weather, trace),
    reached: new Map(),
    trace,
    token: () => `token-${String(tokens++).padStart(6, '0')}`,
    breaches: [],
  };
}

function happen(world: World, parts: readonly Part[], happening: Happening): void {
  const part = parts.find(({ system }) => system === happening.system);
  if (part === undefined || world.deck.ceased) return;
  switch (happening.kind) {
    case 'split':
    case 'merge':
      reshard(world, part.services.stream, happening.kind);
      break;
    case 'deployment':
      if (happening.code.broken === undefined) world.deck.count('deployment');
      part.function.deploy(happening);
      break;
    case 'redelivery':
      part.mapping.redeliver(happening);
      break;
    case 'poller-restart':
      part.mapping.restart(happening);
  }
}

/** Faults strike until everything is put and some time has passed. */
async function faulty({ scheduler }: World, producers: readonly Producer[], untilMs: number): Promise<void> {
  let over = false;
  scheduler.at(untilMs, () => {
    over = true;
  });
  const done = (): boolean => over && producers.every((producer) => producer.done);
  await scheduler.run(done, scheduler.now() + LIMITS.faultyDays * DAY_MS, LIMITS.steps);
}

/** Nothing goes wrong any more, the newest code is live, and everything drains. */
async function calm(world: World, parts: readonly Part[]): Promise<void> {
  world.trace?.add('faults', 'cease');
  world.deck.cease();
  for (const part of parts) {
    part.function.deployNewest();
    part.mapping.endOthers();
  }
  await drained(world, parts);
}

function drained(world: World, parts: readonly Part[]): Promise<void> {
  const { scheduler, requests } = world;
  const done = (): boolean =>
    requests.afloat === 0 && parts.every((part) => part.function.quiet) && parts.every((part) => part.mapping.drained);
  return scheduler.run(done, scheduler.now() + LIMITS.calmDays * DAY_MS, LIMITS.steps);
}
