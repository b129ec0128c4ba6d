import { Contestant } from './contestant.ts';
import type { Emulators } from './emulators/client.ts';
import type { Measurement } from './measurement.ts';
import type { Case, Plan } from './plan.ts';
import type { Variant, VariantName } from './variants/variant.ts';
import { Random } from './workload/random.ts';
import { Traffic, type TrafficSettings } from './workload/traffic.ts';

/** The runs of every variant that took part in a case, in the order in which they ran. */
export interface CaseResult {
  readonly of: Case;
  readonly runs: ReadonlyMap<VariantName, readonly Measurement[]>;
}

export interface Course {
  readonly plan: Plan;
  readonly variants: readonly Variant[];
  readonly emulators: Emulators;
  readonly traffic: Omit<TrafficSettings, 'distribution'>;
  /** Told what begins. */
  readonly progress: (what: string) => void;
}

/** Large batches fill rows fast: a row has its size by the events that it has seen, not by the batches that they came in. */
const FILLING_BATCH = 4_000;
/** The last part of the warm-up comes in batches like those measured. */
const COMPILING = { events: 6_000, batch: 500 } as const;

/**
 * Runs every case: all variants on the same stream of events, each with tables of its own, in turns. Rows are compared with the oracle's
 * after each case.
 *
 * @throws WrongRows naming the variant.
 */
export async function runCases(course: Course): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const keys of new Set(course.plan.cases.map((one) => one.keys))) {
    const cases = course.plan.cases.filter((one) => one.keys === keys);
    results.push(...(await runStream(course, cases, new Traffic({ ...course.traffic, distribution: keys }))));
  }
  return results;
}

/** Cases of one stream: rows and processes stay as they are from one to the next. */
async function runStream(course: Course, cases: readonly Case[], traffic: Traffic): Promise<readonly CaseResult[]> {
  await using contestants = new AsyncDisposableStack();
  const all: Contestant[] = [];
  for (const variant of course.variants) {
    if (!cases.some((one) => course.plan.variantsOf(one).includes(variant.name))) continue;
    const label = cases[0]?.keys ?? '';
    const contestant = contestants.use(await Contestant.start(variant, traffic, course.emulators, label));
    course.progress(`${label} keys: warming up ${variant.name}`);
    await warmUp(contestant, course.plan);
    all.push(contestant);
  }
  const results: CaseResult[] = [];
  for (const one of cases) {
    const names = course.plan.variantsOf(one);
    const taking = all.filter(({ variant }) => names.includes(variant.name));
    results.push(await runCase(course, one, taking));
  }
  return results;
}

/** Rows of their real size, and compiled code in the first environment. Only the handler's rows hold more than the profiles: ids of events. */
async function warmUp(contestant: Contestant, { warmUp: events, warmEnvironment }: Plan): Promise<void> {
  const environment = (): number => 0;
  const compiling = contestant.variant.isSlow ? warmEnvironment.slow : COMPILING.events;
  await contestant.grow(1);
  if (contestant.variant.name === 'handler') {
    await contestant.run({ events: events - compiling, batch: FILLING_BATCH, environment });
  } else await contestant.seed(events - compiling);
  await contestant.run({ events: compiling, batch: COMPILING.batch, environment });
}

/** Starts the environments that a case needs and has none of yet, and has each compile its code. */
async function warmEnvironments(contestant: Contestant, { warmEnvironment }: Plan, count: number): Promise<void> {
  for (let index = contestant.environments; index < count; index++) {
    await contestant.grow(index + 1);
    const events = contestant.variant.isSlow ? warmEnvironment.slow : warmEnvironment.fast;
    await contestant.run({ events, batch: Math.min(events, COMPILING.batch), environment: () => index });
  }
}

async function runCase(course: Course, one: Case, contestants: readonly Contestant[]): Promise<CaseResult> {
  const { plan, progress } = course;
  const { keys, batch, environments } = one;
  const title = `${keys} keys, batches of ${batch}, ${environments} environment${environments === 1 ? '' : 's'}`;
  for (const contestant of contestants) {
    if (contestant.environments < environments) progress(`${title}: warming up ${contestant.variant.name}`);
    await warmEnvironments(contestant, plan, environments);
  }
  const runs = new Map<VariantName, Measurement[]>(contestants.map(({ variant }) => [variant.name, []]));
  for (let turn = 0; turn < Math.max(plan.fast.repeats, plan.slow.repeats); turn++) {
    // Who begins changes, so that no variant always runs after the same one.
    for (const contestant of [
      ...contestants.slice(turn % contestants.length),
      ...contestants.slice(0, turn % contestants.length),
    ]) {
      const { events, repeats } = contestant.variant.isSlow ? plan.slow : plan.fast;
      if (turn >= repeats) continue;
      progress(`${title}: ${contestant.variant.name}, ${turn + 1} of ${repeats}`);
      const environment = assignment(course.traffic.seed, one, turn);
      runs
        .get(contestant.variant.name)
        ?.push(await contestant.run({ events: Math.max(events, batch), batch, environment }));
    }
  }
  for (const contestant of contestants) await contestant.verify();
  return { of: one, runs };
}

/** Lambda hands the next batch of a lane to whichever environment is free: here to one drawn at random, the same for every variant. */
function assignment(seed: string, { keys, batch, environments }: Case, turn: number): () => number {
  const random = new Random(`${seed}/${keys}/${batch}/${environments}/${turn}`);
  return () => random.below(environments);
}
