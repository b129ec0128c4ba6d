import type { ProducerMetrics } from '../../../lambdas/producer/index.ts';
import { counted, plural, seconds } from '../format.ts';
import type { LineRange, Unsent } from './unsent.ts';

/** What a run of `millrace produce` did. */
export interface Produced {
  readonly metrics: ProducerMetrics;
  /** Events of the input that are none. */
  readonly bad: number;
  readonly unsent: Unsent;
  readonly elapsedMs: number;
  /** The input's name, and the stream's. */
  readonly from: string;
  readonly to: string;
}

/** What `--json` prints; a contract. The last three are there only if something of the input is not in the stream. */
export interface JsonReport {
  /** Events that the stream holds, and the records and bytes that carry them. */
  readonly sent: number;
  readonly bad: number;
  readonly notSent: number;
  readonly records: number;
  readonly bytes: number;
  readonly calls: number;
  /** Records that were throttled, and sent again. */
  readonly throttled: number;
  /** Events sent once more because an answer was lost, under the same id. */
  readonly repeated: number;
  readonly elapsedMs: number;
  readonly inDoubt?: number;
  /** First and last line of each range. */
  readonly notSentLines?: readonly LineRange[];
  readonly goOnFromLine?: number;
}

export function jsonReport({ metrics, bad, unsent, elapsedMs }: Produced): JsonReport {
  const { delivered, records, bytes, calls, throttledRecords, repeated } = metrics;
  const { events, inDoubt, lines, goOnFrom } = unsent;
  return {
    sent: delivered,
    bad,
    notSent: events,
    records,
    bytes,
    calls,
    throttled: throttledRecords,
    repeated,
    elapsedMs,
    ...(goOnFrom === undefined ? {} : { inDoubt, notSentLines: lines, goOnFromLine: goOnFrom }),
  };
}

/** Ranges that are shown to people; `--json` shows all. */
const SHOWN = 100;

/** @param goOn the command to go on with, up to the line's number. */
export function describeProduced(produced: Produced, goOn: string): string {
  const { metrics, bad, unsent, elapsedMs, from, to } = produced;
  const { delivered, records, bytes, throttledRecords, repeated } = metrics;
  const rate = elapsedMs > 0 ? `, ${counted(Math.round((delivered / elapsedMs) * 1_000))} per second` : '';
  const packing = records > 0 ? `, ${(delivered / records).toFixed(1)} per record` : '';
  const lines: (readonly [string, number, string])[] = [
    ['Sent', delivered, `events in ${plural(records, 'record')}${packing}, ${megabytes(bytes)}`],
    ...row('Bad', bad, 'events of the input, named above'),
    ...row('Not sent', unsent.events, 'events of the input'),
    ...row('Throttled', throttledRecords, 'records, sent again more slowly'),
    ...row('Repeated', repeated, 'events after a lost answer, under their ids'),
  ];
  return [
    `Sent ${from} to ${to} in ${seconds(elapsedMs)}${rate}.`,
    '',
    ...lines.map(([name, count, note]) => `  ${name.padEnd(10)}${counted(count).padStart(11)}  ${note}`),
    ...describeUnsent(unsent, goOn),
  ].join('\n');
}

const row = (name: string, count: number, note: string): (readonly [string, number, string])[] =>
  count > 0 ? [[name, count, note]] : [];

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

function describeUnsent({ events, inDoubt, lines, goOnFrom }: Unsent, goOn: string): readonly string[] {
  if (goOnFrom === undefined) return [];
  const ranges = lines.slice(0, SHOWN).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  const more = lines.length > SHOWN ? ` and ${plural(lines.length - SHOWN, 'range')} more, which --json lists` : '';
  const doubt = inDoubt > 0 ? `, of which ${counted(inDoubt)} may be in all the same` : '';
  return [
    '',
    ...(events > 0 ? [`Not sent: ${plural(events, 'event')}${doubt}: line ${ranges.join(', ')}${more}`] : []),
    `Go on with: ${goOn} ${goOnFrom}`,
    'What is sent twice that way keeps its id, by which consumers recognise it.',
  ];
}
