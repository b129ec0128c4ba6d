import { setTimeout as delay } from 'node:timers/promises';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { LambdaFunction } from '../lambda/function.ts';
import type { Cuttable, Faults } from './faults.ts';
import type { Moment } from './moments.ts';
import { mergeNeighbours, splitWidest } from './resharding.ts';

/** What the scripts work on. */
export interface Stage {
  readonly faults: Faults;
  readonly fn: LambdaFunction;
  readonly kinesis: KinesisClient;
  readonly stream: string;
  readonly killPoints: readonly Moment[];
  /** When deployments take effect. */
  readonly underWay: Moment;
  /** Directories of the function's code, one for each deployment. */
  readonly builds: readonly string[];
  /** Rows committed so far. */
  readonly commits: () => number;
  /** Whether every fault that can be seen meanwhile has bitten, besides those of the schedule itself. */
  readonly haveBitten: () => boolean;
  readonly tell: (what: string) => void;
}

/** What was done, for the evidence. */
export interface Done {
  readonly kills: Map<string, { armed: number; killed: number }>;
  readonly cuts: Record<Cuttable, number>;
  splitInto: readonly string[];
  mergedInto: readonly string[];
  /** Deployments, and how many of them met batches under way. */
  readonly deployments: { made: number; midFlight: number };
}

/** A slow machine gets so many times the duration, until every fault has bitten. */
export const AT_MOST = 1.75;

/** The time of a run. */
export interface RunClock {
  /** Resolves at a part of the duration, 1 being its end; at once if that is over. Rejects with the signal's reason. */
  reach(part: number): Promise<void>;
  isBefore(part: number): boolean;
  /** Resolves once something is so, or at a part of the duration, whichever comes first. */
  when(isSo: () => boolean, orAt: number): Promise<void>;
}

const LOOK_MS = 50;

export function runClock(lastsMs: number, signal: AbortSignal): RunClock {
  const startMs = Date.now();
  const left = (part: number): number => startMs + part * lastsMs - Date.now();
  return {
    isBefore: (part) => left(part) > 0,
    reach: (part) => delay(Math.max(0, left(part)), undefined, { signal }),
    when: async (isSo, orAt) => {
      while (!isSo() && left(orAt) > 0) await delay(LOOK_MS, undefined, { signal });
    },
  };
}

/**
 * Everything that happens besides the steady faults, side by side, until the time is over and every fault has bitten. On a slow machine
 * things wait for one another: a kill for some progress since the last one, the end of a cut for requests that it met.
 */
export async function runSchedule(stage: Stage, clock: RunClock): Promise<Done> {
  const done: Done = {
    kills: new Map(stage.killPoints.map(({ name }) => [name, { armed: 0, killed: 0 }])),
    cuts: { dynamodb: 0, sqs: 0 },
    splitInto: [],
    mergedInto: [],
    deployments: { made: 0, midFlight: 0 },
  };
  await Promise.all([
    kill(stage, done, clock),
    cut(stage, done, clock, 'dynamodb', [0.2, 0.28, 0.5]),
    cut(stage, done, clock, 'sqs', [0.45, 0.55, 0.9]),
    reshard(stage, done, clock),
    deploy(stage, done, clock),
    clock.reach(1),
  ]);
  const { deployments } = done;
  await clock.when(() => deployments.midFlight > 0 && stage.haveBitten(), AT_MOST);
  return done;
}

/** Kills at each moment so often, if there is time. */
const ROUNDS = 2;
/** Rows committed from one death to the next, so that the run gets somewhere. */
const COMMITS_BETWEEN = 10;

/** Every other time the whole host dies: all environments, that of the request among them; a zombie's must. */
async function kill({ faults, fn, killPoints, commits, tell }: Stage, done: Done, clock: RunClock): Promise<void> {
  const deaths = Array.from({ length: ROUNDS }, () => killPoints).flat();
  for (const [nth, moment] of deaths.entries()) {
    const round = Math.floor(nth / killPoints.length);
    if (round > 0 && !clock.isBefore(0.95)) return;
    await clock.reach(0.04 + (0.9 * nth) / deaths.length);
    const before = commits();
    await clock.when(() => commits() >= before + COMMITS_BETWEEN, AT_MOST);
    const whole = (nth + round) % 2 === 1 || moment.request === 'late';
    const count = done.kills.get(moment.name) ?? { armed: 0, killed: 0 };
    let struck = false;
    faults.arm(moment, () => {
      struck = true;
      if (fn.kill()) count.killed += 1;
      while (whole && fn.kill()) count.killed += 1;
      tell(`${whole ? 'all environments die' : 'an environment dies'} ${moment.name}`);
    });
    count.armed += 1;
    await clock.when(() => struck, AT_MOST);
  }
}

/** Requests that a cut must have met before it ends, if there is time. */
const MET = 5;

async function cut(
  { faults, tell }: Stage,
  done: Done,
  clock: RunClock,
  service: Cuttable,
  [from, to, atLatest]: readonly [number, number, number],
): Promise<void> {
  const name = service === 'sqs' ? 'SQS' : 'DynamoDB';
  await clock.reach(from);
  tell(`${name} is cut off`);
  done.cuts[service] += 1;
  faults.cutOff(service);
  await clock.reach(to);
  await clock.when(() => faults.refusedBy(service) >= MET, atLatest);
  faults.restore(service);
  tell(`${name} is back`);
}

async function reshard({ kinesis, stream, tell }: Stage, done: Done, clock: RunClock): Promise<void> {
  await clock.reach(0.32);
  done.splitInto = await splitWidest(kinesis, stream);
  tell(`a shard is split into ${done.splitInto.join(' and ')}`);
  await clock.reach(0.65);
  done.mergedInto = await mergeNeighbours(kinesis, stream);
  tell(`two shards are merged into ${done.mergedInto.join()}`);
}

async function deploy({ faults, fn, builds, underWay, tell }: Stage, done: Done, clock: RunClock): Promise<void> {
  for (const [nth, directory] of builds.entries()) {
    await clock.reach(0.58 + (0.3 * nth) / builds.length);
    done.deployments.made += 1;
    faults.arm(underWay, () => {
      if (fn.inFlight > 0) done.deployments.midFlight += 1;
      fn.deploy(directory);
      tell('the function is deployed anew');
    });
  }
}
