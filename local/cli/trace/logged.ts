import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { compareSequence } from '../../../lambdas/core/position.ts';
import { keyHash } from '../../../lambdas/runtime/identity.ts';
import { plural } from '../format.ts';
import { ofKeyOrShard } from '../logs/patterns.ts';
import { type LoggedLine, linesOf } from '../logs/read.ts';
import { requestOf } from '../logs/show.ts';
import { section } from '../status/section.ts';
import type { LoggedTrace, SystemTrace } from './model.ts';
import type { Sighting } from './scan.ts';

/** Records of one event whose log lines are looked for. */
const MOST_SIGHTINGS = 8;
/** Pages of the service for each; a page may be empty where it looked through much. */
const MOST_PAGES = 50;
/** Streams and functions do not have the same clock. */
const SKEW_MS = 10_000;

/** Where a system's log is. */
export interface Log {
  readonly client: CloudWatchLogsClient;
  readonly logGroup: string;
  readonly system: string;
}

/** With a parallelization factor, batches of several lanes overlap: so long after the first that was finished others are looked for. */
const LANES_MS = 60_000;

/**
 * What a system has logged of an event: each batch whose range in the shard holds it, and when its key was blocked. The log names no
 * events: with a parallelization factor of 1 the range says for sure that it was in the batch, above it that it may have been.
 *
 * @param find the log; what it throws is why there is none.
 */
export const traceLog = (
  find: () => Log,
  sightings: readonly Sighting[],
  signal: AbortSignal,
): Promise<SystemTrace['log']> =>
  section(async () => {
    const log = find();
    const own = sightings.filter(({ event: { millraceto } }) => millraceto === undefined || millraceto === log.system);
    const found: LoggedTrace[] = [];
    for (const sighting of own.slice(0, MOST_SIGHTINGS)) found.push(...(await linesAbout(log, sighting, signal)));
    return found;
  });

async function linesAbout({ client, logGroup }: Log, sighting: Sighting, signal: AbortSignal): Promise<LoggedTrace[]> {
  const { event, position, arrivalMs } = sighting;
  const pattern = ofKeyOrShard(keyHash(event.subject), position.shard);
  const found: LoggedTrace[] = [];
  let pages = 0;
  let endMs = Number.POSITIVE_INFINITY;
  for await (const lines of linesOf(client, { logGroup, fromMs: arrivalMs - SKEW_MS, pattern }, signal)) {
    for (const line of lines) {
      if (line.timestampMs > endMs) return found;
      const traced = tracedIn(line, position.sequence);
      if (traced === undefined) continue;
      found.push(traced);
      if (traced.what === 'finished') endMs = Math.min(endMs, line.timestampMs + LANES_MS);
    }
    pages += 1;
    if (pages === MOST_PAGES) break;
  }
  return found;
}

function tracedIn(line: LoggedLine, sequence: string): LoggedTrace | undefined {
  const { timestampMs, fields = {} } = line;
  const request = requestOf(fields);
  const traced = (what: LoggedTrace['what'], detail: string): LoggedTrace => ({
    time: new Date(timestampMs).toISOString(),
    what,
    detail,
    ...(request === undefined ? {} : { request }),
  });
  if (fields.message === 'key blocked') return traced('blocked', `${fields.code}: ${fields.cause}`);
  const { firstSequence, lastSequence, failedFrom, records } = fields;
  if (typeof firstSequence !== 'string' || typeof lastSequence !== 'string') return undefined;
  if (compareSequence(sequence, firstSequence) < 0 || compareSequence(sequence, lastSequence) > 0) return undefined;
  const isFinished = typeof failedFrom !== 'string' || compareSequence(sequence, failedFrom) < 0;
  const batch = `a batch of ${plural(Number(records), 'record')}${rejectedIn(fields)}`;
  return isFinished
    ? traced('finished', batch)
    : traced('again', `${batch}; it stopped at ${failedFrom}, from where it is delivered again`);
}

/** The log counts what was rejected and does not say which of them it were. */
function rejectedIn({ rejectedByCode }: NonNullable<LoggedLine['fields']>): string {
  const counts = Object.entries(rejectedByCode ?? {}).map(([code, count]) => `${count} × ${code}`);
  return counts.length === 0 ? '' : `, rejected: ${counts.join(', ')}`;
}
