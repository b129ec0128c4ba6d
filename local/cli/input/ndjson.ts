import { type Outgoing, PARTITION_KEY_LENGTH, RECORD_BYTES, sizeOf } from '../send/outgoing.ts';
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

/**
 * Reads NDJSON: on each line a CloudEvent, or a CloudEvents batch (a JSON array), whose events are sent one by one. An event is sent as it
 * stands, byte by byte; those of a batch are encoded anew. Only what routing needs is judged here, the subject: whatever else is wrong with
 * an event is the processor's to reject, as in production. Blank lines mean nothing.
 *
 * @param onBad is told of each event that is left out.
 */
export async function* readNdjson(
  chunks: AsyncIterable<Buffer>,
  onBad: (bad: BadLine) => void,
): AsyncGenerator<Outgoing> {
  for await (const { number: line, bytes } of linesOf(chunks, LINE_BYTES)) {
    if (bytes === undefined) {
      onBad({ line, reason: `longer than ${LINE_BYTES / 1024 / 1024} MiB` });
      continue;
    }
    const parsed = parse(bytes);
    if (parsed === 'blank') continue;
    if (typeof parsed === 'string') onBad({ line, reason: parsed });
    else if (Array.isArray(parsed.value)) yield* batch(parsed.value, line, onBad);
    else
      yield* routed(
        outgoing(parsed.value, () => bytes),
        { line },
        onBad,
      );
  }
}

function* batch(events: readonly unknown[], line: number, onBad: (bad: BadLine) => void): Generator<Outgoing> {
  for (const [nth, event] of events.entries()) {
    yield* routed(
      outgoing(event, () => Buffer.from(JSON.stringify(event))),
      { line, event: nth + 1 },
      onBad,
    );
  }
}

function* routed(
  record: Outgoing | string,
  place: Omit<BadLine, 'reason'>,
  onBad: (bad: BadLine) => void,
): Generator<Outgoing> {
  if (typeof record === 'string') onBad({ ...place, reason: record });
  else yield record;
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
function outgoing(event: unknown, encode: () => Uint8Array): Outgoing | string {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return 'not a JSON object';
  const subject = Object.hasOwn(event, 'subject') ? (event as { subject: unknown }).subject : undefined;
  if (subject === undefined) return 'no subject to route it by';
  if (typeof subject !== 'string' || subject === '') return 'its subject is not a text, or empty';
  if (subject.length > PARTITION_KEY_LENGTH) return `its subject is longer than ${PARTITION_KEY_LENGTH} characters`;
  const data = encoded(encode);
  if (data === undefined) return 'nested too deep to be encoded';
  const record = { partitionKey: subject, data };
  return sizeOf(record) > RECORD_BYTES ? 'larger than a Kinesis record of 1 MiB' : record;
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
