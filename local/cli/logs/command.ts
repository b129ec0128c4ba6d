import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { Environment } from '../../../lambdas/runtime/ports.ts';
import { STATELESS_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { systemEnvironment } from '../environment.ts';
import { CliError, EXIT } from '../errors.ts';
import { plural } from '../format.ts';
import type { Output } from '../output.ts';
import { type StageOutputs, stageOutputs } from '../stage-output.ts';
import { stageClients } from '../status/clients.ts';
import { whyNot } from '../status/section.ts';
import { type Choice, patternOf } from './patterns.ts';
import { type LoggedLine, type LogQuery, linesOf } from './read.ts';
import { describeLine, lineJson } from './show.ts';

export interface LogsOptions extends Choice {
  readonly stage: string;
  /** How far back, in milliseconds. */
  readonly since: number;
  readonly limit: number;
  readonly follow: boolean;
  readonly json: boolean;
}

const POLL_MS = 2_000;
/** What CloudWatch Logs takes in late is still found: a line is stamped before it arrives. */
const LATE_MS = 10_000;
/** A log may be quiet for hours: no more than that is looked through again and again. */
const QUIET_MS = 60_000;
const API = 'api';

/**
 * Shows the last lines of a function's log, and with `follow` what comes after them, until the signal aborts.
 *
 * @throws CliError if the stage has no such log, or it cannot be read.
 */
export async function logs(
  system: string,
  options: LogsOptions,
  output: Output,
  signal: AbortSignal,
  environment: Pick<Environment, 'now' | 'sleep'> = systemEnvironment,
): Promise<number> {
  const outputs = await stageOutputs(options.stage);
  const logGroup = logGroupOf(outputs, system);
  using clients = stageClients(outputs.local);
  const pattern = patternOf(options);
  const query = { logGroup, ...(pattern === undefined ? {} : { pattern }) };
  const reader = new Reader(clients.logs, output, options.json, AbortSignal.any([signal, output.readerGone]));
  const fromMs = environment.now() - options.since;
  try {
    await reader.showLast({ ...query, fromMs }, options.limit);
    if (options.follow) await reader.follow(query, environment);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (output.readerGone.aborted) return EXIT.ok;
    throw error instanceof CliError
      ? error
      : new CliError(`The log of ${system} could not be read: ${whyNot(error)}`, { cause: error });
  }
  return EXIT.ok;
}

/** @throws CliError that names what there is. */
function logGroupOf({ stage, stateless }: StageOutputs, system: string): string {
  const key = system === API ? STATELESS_OUTPUTS.apiLogGroupName : STATELESS_OUTPUTS.logGroupName(system);
  const group = stateless[key];
  if (group !== undefined) return group;
  const named = Object.keys(stateless).filter((name) => name.endsWith('LogGroupName'));
  const known = named.map((name) => name.slice(0, -'LogGroupName'.length)).map(kebab);
  if (known.length === 0)
    throw new CliError(`Stage ${stage} names no logs: deploy both of its stacks with this version first`);
  throw new CliError(`Stage ${stage} has no log of ${system}; it has: ${known.join(', ')}`);
}

const kebab = (pascal: string): string => pascal.replaceAll(/(?!^)[A-Z]/g, '-$&').toLowerCase();

class Reader {
  readonly #client: CloudWatchLogsClient;
  readonly #output: Output;
  readonly #json: boolean;
  readonly #signal: AbortSignal;
  /** Lines that were shown, or passed over, as late as a later one may still come. */
  #seen = new Map<string, number>();
  #lastMs: number | undefined;

  constructor(client: CloudWatchLogsClient, output: Output, json: boolean, signal: AbortSignal) {
    this.#client = client;
    this.#output = output;
    this.#json = json;
    this.#signal = signal;
  }

  /** The service gives the oldest lines first; whoever looks wants the last ones. */
  async showLast(query: LogQuery, limit: number): Promise<void> {
    const kept: LoggedLine[] = [];
    let found = 0;
    for await (const lines of linesOf(this.#client, query, this.#signal)) {
      found += lines.length;
      this.#remember(lines);
      kept.push(...lines);
      kept.splice(0, Math.max(0, kept.length - limit));
      this.#output.status(`${plural(found, 'line')} so far`);
    }
    this.#output.status('');
    const since = `since ${new Date(query.fromMs).toISOString()}`;
    if (found === 0) this.#output.log(`No such lines ${since}; --since looks further back`);
    if (found > kept.length) {
      this.#output.log(`The last ${kept.length} of ${plural(found, 'line')} ${since}; --limit shows more`);
    }
    this.#show(kept);
  }

  async follow(query: Omit<LogQuery, 'fromMs'>, { now, sleep }: Pick<Environment, 'now' | 'sleep'>): Promise<void> {
    this.#lastMs ??= now();
    for (;;) {
      const fromMs = Math.max(this.#lastMs, now() - QUIET_MS) - LATE_MS;
      for await (const lines of linesOf(this.#client, { ...query, fromMs }, this.#signal)) {
        const fresh = lines.filter(({ id }) => !this.#seen.has(id));
        this.#remember(fresh);
        this.#show(fresh);
      }
      await sleep(POLL_MS, this.#signal);
    }
  }

  #remember(lines: readonly LoggedLine[]): void {
    for (const { id, timestampMs } of lines) {
      this.#seen.set(id, timestampMs);
      this.#lastMs = Math.max(this.#lastMs ?? 0, timestampMs);
    }
    for (const [id, timestampMs] of this.#seen) {
      if (timestampMs >= (this.#lastMs ?? 0) - QUIET_MS - LATE_MS) break;
      this.#seen.delete(id);
    }
  }

  #show(lines: readonly LoggedLine[]): void {
    for (const line of lines) this.#output.result(this.#json ? JSON.stringify(lineJson(line)) : describeLine(line));
  }
}
