import type { DeadLetterMessage } from '../../lambdas/aws/dead-letter-queue.ts';
import type { ShopEvent } from '../../lambdas/systems/profiles/events.ts';
import { CliError } from '../cli/errors.ts';
import { seconds } from '../cli/format.ts';
import type { Output } from '../cli/output.ts';
import { allItems } from '../cli/profiles/queries.ts';
import { putsInto } from '../cli/send/send.ts';
import { shopEvents } from '../demo/shop-events.ts';
import { readShopRows } from '../demo/shop-rows.ts';
import type { OnFailureDocument } from '../esm/protocol.ts';
import { accountFor } from './account.ts';
import { CommitLog } from './commit-log.ts';
import { evidenceOf, haveBitten, toothless } from './evidence.ts';
import type { Facts } from './facts.ts';
import { Faults } from './faults.ts';
import { type PlannedRecord, PRODUCERS, planLoad } from './load.ts';
import { killPoints, underWay } from './moments.ts';
import { type Produced, produce, withPartialFailures } from './producers.ts';
import { progressOf, showProgress } from './progress.ts';
import { type Random, randomOf } from './random.ts';
import { drainQueue, readStream } from './read-back.ts';
import type { ChaosReport } from './report.ts';
import { steadyRules } from './rules.ts';
import { AT_MOST, type Done, runClock, runSchedule, type Stage } from './schedule.ts';
import { createWorld, failuresIn, type World } from './world.ts';

export interface ChaosOptions {
  /** How long the load lasts. */
  readonly seconds: number;
  /** Events per second. */
  readonly rate: number;
  /** Decides the load and the faults; when each strikes depends on the machine, too. */
  readonly seed: number;
}

/** Without faults, what is left must be processed in this time: the function's time-out, and some. */
const DRAIN_MS = 90_000;

/**
 * Runs the synthesized stacks under load and faults, waits until everything is processed, and accounts for every record.
 *
 * @throws the signal's reason if it aborts; CliError if the stream does not drain; whatever else goes wrong.
 */
export async function runChaos(options: ChaosOptions, output: Output, signal: AbortSignal): Promise<ChaosReport> {
  const startedMs = Date.now();
  const { seed } = options;
  const random = randomOf(seed);
  const load = planLoad(await shop(), { ...options, seconds: AT_MOST * options.seconds }, random);
  await using world = await createWorld(signal);
  output.log(`The stacks are up after ${seconds(Date.now() - startedMs)}; seed ${seed}`);
  const { faults, done, produced, log, sent } = await strain(world, load, options, random, output, signal);
  await drained(world, produced, output, signal);
  const facts = await readBack(world, sent, log);
  // The log is complete only then.
  await world.cloud.stop();
  const failures = failuresIn(world.logFile);
  const account = accountFor(facts);
  const evidence = evidenceOf({
    facts,
    faults,
    done,
    metrics: world.cloud.metrics,
    killedInvocations: failures.killed,
    refusedCommits: world.cloud.tableCounts(world.system.table).conditionFailures,
    refusedInPart: produced.refused,
  });
  const mismatches = [
    ...account.mismatches,
    ...toothless(evidence),
    ...failures.others.map((message) => `an invocation failed, and no fault explains it: ${message}`),
    ...world.unexplained,
  ];
  if (mismatches.length > 0) output.log(`The function's log is kept in ${world.keepLog()}`);
  return { seed, account, evidence, mismatches, elapsedMs: Date.now() - startedMs };
}

const shop = (): Promise<readonly ShopEvent[]> => collect(shopEvents(readShopRows()));

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

interface Strained {
  readonly faults: Faults;
  readonly done: Done;
  readonly produced: Produced;
  readonly log: CommitLog;
  readonly sent: readonly PlannedRecord[];
}

/** The load and the faults, side by side. Ends once producers are through; then there are no more faults. */
async function strain(
  world: World,
  load: readonly PlannedRecord[],
  options: ChaosOptions,
  random: Random,
  output: Output,
  interrupt: AbortSignal,
): Promise<Strained> {
  const produced: Produced = { accepted: 0, refused: 0 };
  const failed = new AbortController();
  const signal = AbortSignal.any([interrupt, failed.signal]);
  const startMs = Date.now();
  const stage = stageOf(world, random, (what) => output.log(`${seconds(Date.now() - startMs).padStart(7)}  ${what}`));
  const { faults, tell } = stage;
  const log = new CommitLog(world.system.table);
  world.cloud.setFaultHook((request) => {
    log.note(request);
    return faults.hook(request);
  });
  using _progress = showProgress(world, produced, tell);
  let isOver = false;
  const acting = runSchedule(stage, runClock(options.seconds * 1_000, signal)).finally(() => {
    isOver = true;
    faults.end();
  });
  const sending = PRODUCERS.map((producer) => {
    const records = load.filter((record) => record.producer === producer);
    return sendAll(world, records, produced, random, () => isOver, signal);
  });
  try {
    const [done, ...sent] = await Promise.all([acting, ...sending]);
    return { faults, done, produced, log, sent: sent.flat() };
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled([acting, ...sending]);
    throw error;
  }
}

function stageOf({ cloud, system, fn, builds }: World, random: Random, tell: (what: string) => void): Stage {
  const targets = { ...system, stateTable: system.table };
  const faults = new Faults(steadyRules(targets), random);
  const counts = () => cloud.tableCounts(system.table);
  return {
    faults,
    fn,
    builds,
    kinesis: cloud.clients.kinesis,
    stream: system.stream,
    killPoints: killPoints(targets),
    underWay: underWay(targets),
    commits: () => counts().puts,
    haveBitten: () => haveBitten({ faults, metrics: cloud.metrics, refusedCommits: counts().conditionFailures }),
    tell,
  };
}

async function sendAll(
  { cloud, system }: World,
  records: readonly PlannedRecord[],
  produced: Produced,
  random: Random,
  isOver: () => boolean,
  signal: AbortSignal,
): Promise<readonly PlannedRecord[]> {
  const { put, destroy } = putsInto(cloud.endpoints.kinesis, system.stream);
  try {
    return await produce(records, withPartialFailures(put, produced, random), produced, isOver, signal);
  } finally {
    destroy();
  }
}

async function drained(world: World, produced: Produced, output: Output, interrupt: AbortSignal): Promise<void> {
  output.log('No more faults: waiting until everything is processed');
  const enough = AbortSignal.timeout(DRAIN_MS);
  try {
    await world.cloud.untilDrained(AbortSignal.any([interrupt, enough]));
  } catch (error) {
    if (!enough.aborted || interrupt.aborted) throw error;
    const state = progressOf(world, produced);
    throw new CliError(`The stream is not drained ${seconds(DRAIN_MS)} after the last fault: ${state}`, {
      cause: error,
    });
  }
}

async function readBack({ cloud, system }: World, sent: readonly PlannedRecord[], log: CommitLog): Promise<Facts> {
  const { kinesis, sqs, documents } = cloud.clients;
  return {
    sent,
    stream: await readStream(kinesis, system.stream),
    rows: await collect(allItems({ client: documents, name: system.table })),
    commits: log.commits,
    letters: await drainQueue<DeadLetterMessage>(sqs, system.deadLetterQueueUrl),
    documents: await drainQueue<OnFailureDocument>(sqs, system.onFailureQueueUrl),
    updates: await readStream(kinesis, system.updatesStream),
  };
}
