import { once } from 'node:events';
import type { Environment } from '../../../lambdas/runtime/ports.ts';
import { systemEnvironment } from '../environment.ts';
import { Interrupted } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { stageOutputs } from '../stage-output.ts';
import { stageClients } from './clients.ts';
import { exitCodeOf, type Status } from './model.ts';
import { placeOf } from './place.ts';
import { readStatus } from './read.ts';
import { describeStatus } from './show.ts';

export interface StatusOptions {
  readonly stage: string;
  readonly json: boolean;
  /** Again and again until the signal aborts. */
  readonly watch: boolean;
}

/** Pause between two looks: each reads metrics, a record of every shard and up to 2 MB of checkpoints. */
const WATCH_MS = 10_000;

/** Top left, and everything after it cleared. */
const REDRAW = '\u001b[H\u001b[2J';

/** Shows a stage, once or until the signal aborts. @returns the exit code of what was shown last. */
export async function status(
  { stage, json, watch }: StatusOptions,
  output: Output,
  interrupt: AbortSignal,
  environment: Pick<Environment, 'now' | 'sleep'> = systemEnvironment,
): Promise<number> {
  const outputs = await stageOutputs(stage);
  const place = placeOf(outputs);
  using clients = stageClients(outputs.local);
  const look = (): Promise<Status> =>
    readStatus(place, clients, outputs.local === undefined ? 'service' : 'kinesalite', environment.now());
  const show = (seen: Status): void => {
    const redraw = watch && !json && output.terminal !== undefined;
    output.result(`${redraw ? REDRAW : ''}${json ? JSON.stringify(seen) : describeStatus(seen)}`);
  };
  const signal = AbortSignal.any([interrupt, output.readerGone]);
  let seen = await unlessAborted(look(), interrupt);
  if (seen === undefined) throw interrupt.reason;
  show(seen);
  if (!watch) return exitCodeOf(seen);
  if (!json) output.log('Looks again every 10 s; Ctrl-C ends it');
  while (await pause(environment, signal)) {
    const next = await unlessAborted(look(), signal);
    if (next === undefined) break;
    seen = next;
    show(seen);
  }
  if (interrupt.aborted && !(interrupt.reason instanceof Interrupted)) throw interrupt.reason;
  return exitCodeOf(seen);
}

/** Undefined once the signal aborts: nobody waits for a service that does not answer. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const done = new AbortController();
  const aborted = once(signal, 'abort', { signal: done.signal }).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await (signal.aborted ? undefined : Promise.race([work, aborted]));
  } finally {
    done.abort();
  }
}

/** @returns false once the signal aborts. */
async function pause({ sleep }: Pick<Environment, 'sleep'>, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(WATCH_MS, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
