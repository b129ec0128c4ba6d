import { setTimeout as delay } from 'node:timers/promises';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { LambdaFunction } from '../lambda/function.ts';
import type { Cuttable, Faults } from './faults.ts';
import type { Moment } from './moments.ts';
import { mergeNeighbours, splitWidest } from './resharding.ts';

/** What happens once, at a time of its own. */
interface Step {
  /** Part of the load's duration, from 0 to 1. */
  readonly at: number;
  readonly what: string;
  readonly run: () => Promise<void> | void;
}

/** What the scheduled steps work on. */
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
}

/** What was done, for the evidence. */
export interface Done {
  readonly kills: Map<string, { armed: number; killed: number }>;
  cuts: Record<Cuttable, number>;
  splitInto: readonly string[];
  mergedInto: readonly string[];
  /** Deployments, and how many of them met batches under way. */
  deployments: { made: number; midFlight: number };
}

export const nothingDone = (): Done => ({
  kills: new Map(),
  cuts: { dynamodb: 0, sqs: 0 },
  splitInto: [],
  mergedInto: [],
  deployments: { made: 0, midFlight: 0 },
});

const KILLS = 21;

/** Everything that happens besides the steady faults, in order. */
export function schedule(stage: Stage, done: Done): readonly Step[] {
  const steps = [
    ...cut(stage, done, 'dynamodb', 0.2, 0.28),
    { at: 0.32, what: 'a shard is split', run: () => split(stage, done) },
    ...cut(stage, done, 'sqs', 0.4, 0.5),
    { at: 0.65, what: 'two shards are merged', run: () => merge(stage, done) },
    ...stage.builds.map((directory, nth) => ({
      at: 0.55 + 0.25 * nth,
      what: 'the function is deployed anew',
      run: () => deploy(stage, done, directory),
    })),
    ...Array.from({ length: KILLS }, (_, nth) => kill(stage, done, nth)),
  ];
  return steps.sort((a, b) => a.at - b.at);
}

/** Runs the steps at their times. Throws what a step throws, and the signal's reason. */
export async function runSchedule(
  steps: readonly Step[],
  lastsMs: number,
  tell: (what: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const startMs = Date.now();
  for (const { at, what, run } of steps) {
    await delay(Math.max(0, startMs + at * lastsMs - Date.now()), undefined, { signal });
    tell(what);
    await run();
  }
  await delay(Math.max(0, startMs + lastsMs - Date.now()), undefined, { signal });
}

function cut({ faults }: Stage, done: Done, service: Cuttable, from: number, to: number): readonly Step[] {
  const name = service === 'sqs' ? 'SQS' : 'DynamoDB';
  const cutOff = (): void => {
    done.cuts[service] += 1;
    faults.cutOff(service);
  };
  return [
    { at: from, what: `${name} is cut off`, run: cutOff },
    { at: to, what: `${name} is back`, run: () => faults.restore(service) },
  ];
}

/** Every other kill takes the whole host: all environments die, that of the request among them. */
function kill({ faults, fn, killPoints }: Stage, done: Done, nth: number): Step {
  const point = killPoints[nth % killPoints.length] as Moment;
  const whole = nth % 2 === 1;
  const count = done.kills.get(point.name) ?? { armed: 0, killed: 0 };
  done.kills.set(point.name, count);
  const strike = (): void => {
    if (fn.kill()) count.killed += 1;
    while (whole && fn.kill()) count.killed += 1;
  };
  return {
    at: 0.04 + (0.92 * nth) / KILLS,
    what: `${whole ? 'all environments die' : 'an environment dies'} ${point.name}`,
    run: () => {
      count.armed += 1;
      faults.arm(point, strike);
    },
  };
}

async function split({ kinesis, stream }: Stage, done: Done): Promise<void> {
  done.splitInto = await splitWidest(kinesis, stream);
}

async function merge({ kinesis, stream }: Stage, done: Done): Promise<void> {
  done.mergedInto = await mergeNeighbours(kinesis, stream);
}

function deploy({ faults, fn, underWay }: Stage, done: Done, directory: string): void {
  done.deployments.made += 1;
  faults.arm(underWay, () => {
    if (fn.inFlight > 0) done.deployments.midFlight += 1;
    fn.deploy(directory);
  });
}
