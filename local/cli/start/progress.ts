import type { Cloud } from '../../cloud.ts';
import { CliError } from '../errors.ts';
import { counted, plural, seconds } from '../format.ts';
import type { Output } from '../output.ts';
import { settledOf, tallyOf } from './tally.ts';

/** Pauses between looks at the cloud: a status line that lives, or a line of a log now and then. */
const LIVE_MS = 200;
const LOG_MS = 5_000;
/** Without any progress for so long, a run ends: the function's time-out three times over. */
const STALLED_MS = 180_000;

/** What is to be seen of a run while it goes on. */
export interface Watched {
  /** Records accepted so far. */
  accepted: number;
  /** There are no further records. */
  ended: boolean;
}

/**
 * Shows how far a run is until it is disposed of, and what functions fail with.
 *
 * @param onStall is told once nothing has moved for three minutes.
 */
export function showProgress(
  cloud: Cloud,
  output: Output,
  watched: Watched,
  onStall: (error: Error) => void,
): Disposable {
  const failures = new Failures(cloud, output);
  let moved = { mark: '', atMs: Date.now() };
  const look = (): void => {
    const underWay = Math.max(0, watched.accepted - settledOf(tallyOf(cloud.metrics)));
    const line = progressLine(cloud, watched, underWay);
    // An input may pause for as long as it likes.
    const idle = underWay === 0 && !watched.ended;
    if (output.isLive) output.status(line);
    else if (line !== moved.mark) output.log(line);
    failures.report();
    if (idle || line !== moved.mark) moved = { mark: line, atMs: Date.now() };
    else if (Date.now() - moved.atMs > STALLED_MS) {
      onStall(new CliError(`Nothing has moved for ${seconds(STALLED_MS)}: ${line}`));
    }
  };
  const timer = setInterval(look, output.isLive ? LIVE_MS : LOG_MS);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      output.status('');
      failures.report();
    },
  };
}

function progressLine(cloud: Cloud, { accepted }: Watched, underWay: number): string {
  const { applied } = tallyOf(cloud.metrics);
  return `${plural(accepted, 'event')} sent · ${counted(applied)} applied · ${counted(underWay)} under way`;
}

/** How far behind the stream the mappings are: records read but not done, and milliseconds. */
export function lagOf(cloud: Cloud): { readonly records: number; readonly ms: number } {
  const shards = cloud.mappings.flatMap((mapping) => mapping.status());
  return {
    records: shards.reduce((sum, { buffered }) => sum + buffered, 0),
    ms: Math.max(0, ...shards.map(({ millisBehindLatest = 0 }) => millisBehindLatest)),
  };
}

/** Tells of failed invocations, which the engine repeats and nobody would see: each new reason, and an old one as its count doubles. */
export class Failures {
  readonly #cloud: Cloud;
  readonly #output: Output;
  readonly #reported = new Map<string, { readonly reason: string; readonly errors: number }>();

  constructor(cloud: Cloud, output: Output) {
    this.#cloud = cloud;
    this.#output = output;
  }

  report(): void {
    for (const [name, fn] of this.#cloud.functions) {
      const query = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: name } };
      const errors = this.#cloud.metrics.statistics(query).sum;
      const before = this.#reported.get(name);
      if (errors <= (before?.errors ?? 0)) continue;
      const [reason = ''] = (fn.lastFailure ?? '').split('\n');
      if (reason === before?.reason && errors < 2 * before.errors) continue;
      this.#reported.set(name, { reason, errors });
      this.#output.log(`${name} has failed ${plural(errors, 'time')} and is invoked again: ${reason}`);
    }
  }
}
