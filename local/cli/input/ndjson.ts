import { RECORD_LIMITS } from '../../../lambdas/core/record-limits.ts';
import type { StreamRecord } from '../../../lambdas/producer/index.ts';
import { linesOf } from './lines.ts';

/** Most bytes of a line: a batch of events may be larger than a record. */
export const LINE_BYTES = 16 * 1024 * 1024;

/** An event that cannot be sent: it has no JSON, or nothing to route it by, or no record holds it. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  /** In a batch: which of its events, from 1. */
  readonly event?: number;
  /** Names no content, which may be personal data. */
  readonly reason: string;
}

/** Where an event stands in its file. */
export type Place = Omit<BadLine, 'reason'>;

/** A JSON value where an event should be. */
export interface Candidate {
  readonly place: Place;
  readonly value: unknown;
  /** As it stands in the file; encoded anew if it is out of a batch. */
  readonly bytes: () => Uint8Array;
}

/**
 * Reads NDJSON: on each line a CloudEvent, or a CloudEvents batch (a JSON array), whose events come one by one. Blank lines mean nothing.
 *
 * @param onBad is told of each line that is no JSON.
 * @param fromLine lines before are passed over.
 */
export async function* readCandidates(
  chunks: AsyncIterable<Buffer>,
  onBad: (bad: BadLine) => void,
  fromLine = 1,
): AsyncGenerator<Candidate> {
  for await (const { number: line, bytes } of linesOf(chunks, LINE_BYTES)) {
    if (line < fromLine) continue;
    if (bytes === undefined) {
      onBad({ line, reason: `longer than ${LINE_BYTES / 1024 / 1024} MiB` });
      continue;
    }
    const parsed = parse(bytes);
    if (parsed === 'blank') continue;
    if (typeof parsed === 'string') onBad({ line, reason: parsed });
    else if (!Array.isArray(parsed.value)) yield { place: { line }, value: parsed.value, bytes: () => bytes };
    else {
      for (const [nth, value] of parsed.value.entries()) {
        yield { place: { line, event: nth + 1 }, value, bytes: () => Buffer.from(JSON.stringify(value)) };
      }
    }
  }
}

/**
 * The records of NDJSON. An event is sent as it stands, byte by byte; those of a batch are encoded anew. Only what routing needs is judged
 * here, the subject: whatever else is wrong with an event is the processor's to reject, as in production.
 *
 * @param onBad is told of each event that is left out.
 */
export async function* readNdjson(
  chunks: AsyncIterable<Buffer>,
  onBad: (bad: BadLine) => void,
): AsyncGenerator<StreamRecord> {
  for await (const { place, value, bytes } of readCandidates(chunks, onBad)) {
    const record = recordOf(value, bytes);
    if (typeof record === 'string') onBad({ ...place, reason: record });
    else yield record;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON of a line, or what is wrong with it. */
function parse(bytes: Buffer): { readonly value: unknown } | 'blank' | 'not UTF-8' | 'not JSON' {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return 'not UTF-8';
  }
  if (/^[ \t]*$/.test(text)) return 'blank';
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'not JSON';
  }
}

/** The record of an event, or why there is none. */
function recordOf(event: unknown, encode: () => Uint8Array): StreamRecord | string {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return 'not a JSON object';
  const subject = Object.hasOwn(event, 'subject') ? (event as { subject: unknown }).subject : undefined;
  if (subject === undefined) return 'no subject to route it by';
  if (typeof subject !== 'string' || subject === '') return 'its subject is not a text, or empty';
  const most = RECORD_LIMITS.partitionKeyLength;
  if (subject.length > most) return `its subject is longer than ${most} characters`;
  if (!subject.isWellFormed()) return 'its subject holds half a surrogate pair';
  const data = encoded(encode);
  if (data === undefined) return 'nested too deep to be encoded';
  const size = data.length + Buffer.byteLength(subject);
  return size > RECORD_LIMITS.bytes ? 'larger than a Kinesis record of 1 MiB' : { partitionKey: subject, data };
}

/** Undefined if the event is nested deeper than the machine's stack. */
function encoded(encode: () => Uint8Array): Uint8Array | undefined {
  try {
    return encode();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
