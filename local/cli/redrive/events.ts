import { hash } from 'node:crypto';
import { type CloudEvent, envelopeSchema } from '../../../lambdas/core/event.ts';
import type { Position } from '../../../lambdas/core/position.ts';
import { RECORD_LIMITS } from '../../../lambdas/core/record-limits.ts';
import type { Copy } from '../../../lambdas/core/redrive.ts';
import type { Rejection } from '../../../lambdas/core/rejection.ts';
import { isMembers } from '../../../lambdas/runtime/adapters/adapter.ts';
import { parsePayload, Undecodable } from '../../../lambdas/runtime/decode/payload.ts';
import {
  type Decoded,
  type DecodeSettings,
  decodeRecord,
  type RawRecord,
} from '../../../lambdas/runtime/decode/record.ts';
import type { Candidate } from './engine.ts';

/** Why an event cannot go back as it is. */
export interface Unfit {
  readonly code: 'malformed' | 'rejected-again' | 'not-handled' | 'too-large' | 'edit-mismatch';
  readonly message: string;
}

/** Decoding as the processor does, and by its name, so that it is known what is meant for it. */
export type Reading = DecodeSettings & { readonly processor: string };

/** Where an event was when it was rejected or discarded. */
export interface Origin {
  readonly fate: Copy['fate'];
  readonly position: Position;
  readonly record: RawRecord;
}

/** What a record holds, each part with its bytes and its place. */
export function partsOf(
  record: RawRecord,
  index: number,
  reading: Reading,
): readonly (Decoded & { readonly at: Position })[] {
  const { shard, sequence } = record;
  return decodeRecord(record, reading).items.map((item, nth) => ({
    ...item,
    at: { stream: reading.stream, shard, sequence, index: index + nth },
  }));
}

/** The event that bytes hold, whatever is wrong with its data: the CloudEvent itself, or what the stream's adapter makes of them. */
export function originalEvent(
  bytes: Uint8Array,
  { position, record }: Origin,
  { adapter }: Pick<Reading, 'adapter'>,
): CloudEvent | undefined {
  const value = valueIn(bytes);
  if (adapter === undefined || (isMembers(value) && typeof value.specversion === 'string')) return eventIn(value);
  const keySubject = adapter.subjectOf(record.partitionKey) ?? '';
  const adapted = adapter.adapt(value, { position, keySubject, arrivalMs: record.arrivalMs });
  return adapted.kind === 'event' ? eventIn(adapted.event) : undefined;
}

/** What the bytes hold: null if there are none, undefined if they are no JSON that the processors read. */
export function valueIn(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return null;
  try {
    return parsePayload(bytes).value;
  } catch (error) {
    if (error instanceof Undecodable) return undefined;
    throw error;
  }
}

/** The event as it came: parsing it by the envelope would leave out nothing, and must not decide on `data`. */
const eventIn = (value: unknown): CloudEvent | undefined =>
  envelopeSchema.safeParse(value).success ? (value as CloudEvent) : undefined;

/**
 * The event as it goes back: the same source, id and data, for this processor alone, under the partition key that its subject wants.
 *
 * @returns a candidate, or why the processor would not take it.
 */
export function candidateOf(event: CloudEvent, origin: Origin, reading: Reading, nowMs: number): Candidate | Unfit {
  const { adapter } = reading;
  const partitionKey = adapter === undefined ? event.subject : origin.record.partitionKey;
  const addressed: CloudEvent = {
    ...event,
    ...(event.partitionkey === undefined ? {} : { partitionkey: event.subject }),
    millraceto: reading.processor,
  };
  const data = Buffer.from(JSON.stringify(addressed));
  const size = data.length + Buffer.byteLength(partitionKey);
  if (size > RECORD_LIMITS.bytes) {
    return {
      code: 'too-large',
      message: `Addressed to its processor it takes ${size} bytes, and a record holds 1 MiB`,
    };
  }
  const record = { shard: origin.record.shard, sequence: '0', partitionKey, arrivalMs: nowMs, data };
  const [read] = decodeRecord(record, reading).items;
  if (read === undefined || read.kind === 'ignored') {
    return { code: 'not-handled', message: `${reading.processor} does not handle ${event.type}, and would skip it` };
  }
  if (read.kind === 'rejected') {
    return { code: 'rejected-again', message: `It would be rejected again: ${described(read.cause)}` };
  }
  const { fate, position, record: original } = origin;
  return {
    copy: { fate, idHash: read.incoming.idHash, sequence: position.sequence, arrivalMs: original.arrivalMs },
    key: read.key,
    markId: markIdOf(event),
    event: addressed,
    partitionKey,
  };
}

/** With what is wrong in which member, where the processor knows: without values. */
function described({ code, message, details }: Rejection): string {
  const issues = Array.isArray(details?.issues) ? ` (${details.issues.join('; ')})` : '';
  return `${code}: ${message}${issues}`;
}

/** One for each event, however many records hold it: 132 bits of SHA-256. */
const markIdOf = ({ source, id, subject }: CloudEvent): string =>
  hash('sha256', JSON.stringify(['redrive', source, id, subject]), 'base64url').slice(0, 22);

export const isUnfit = (made: Candidate | Unfit): made is Unfit => 'code' in made;
