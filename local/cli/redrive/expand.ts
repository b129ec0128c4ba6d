import type { CloudEvent } from '../../../lambdas/core/event.ts';
import type { Position } from '../../../lambdas/core/position.ts';
import { letterId } from '../../../lambdas/runtime/identity.ts';
import type { DeadLetter } from '../../../lambdas/runtime/ports.ts';
import type { Candidate } from './engine.ts';
import { candidateOf, isUnfit, type Origin, originalEvent, partsOf, type Reading, type Unfit } from './events.ts';
import type { Discard, Letter } from './message.ts';
import type { Range } from './range.ts';

/** Why something in a message stays where it is. */
export interface Obstacle {
  readonly code:
    | Unfit['code']
    | 'effect'
    | 'expired'
    | 'payload-missing'
    | 'no-position'
    | 'other-stream'
    | 'unreadable-row';
  readonly message: string;
}

/** One event of a message, or what stands in its place. */
export type Item = {
  /** Absent on refused effects, and on records that the stream no longer has. */
  readonly position?: Position;
  /** Absent where nobody can tell. */
  readonly eventId?: string;
} & (
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  /** In a discarded batch, and nothing that the processor could apply: it belongs into the dead-letter queue. */
  | { readonly kind: 'letter'; readonly letter: DeadLetter }
  /** In a discarded batch, and not meant for the processor. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle }
);

const obstacle = (code: Obstacle['code'], message: string, place: Pick<Item, 'position' | 'eventId'> = {}): Item => ({
  kind: 'obstacle',
  obstacle: { code, message },
  ...place,
});

/** In the place of a letter whose record was in another stream than the one that the system of this stage reads. */
export const otherStream = ({ shard, sequence }: Letter): Item =>
  obstacle(
    'other-stream',
    `The stream of this stage does not know ${shard}/${sequence}. If the queue is of another stage, redrive it with that --stage; if its shard is gone with its last record, move the messages into the system's own queue first`,
  );

/** What a person made of a dead letter's event. */
export type Edits = ReadonlyMap<string, CloudEvent>;

/**
 * The events of a dead letter: one, unless a whole record was rejected without being read.
 *
 * @param payload undefined if it was kept apart, and is not there any more.
 */
export function itemsOfLetter(
  letter: Letter,
  payload: Uint8Array | undefined,
  reading: Reading,
  nowMs: number,
  edit?: CloudEvent,
): readonly Item[] {
  if (letter.code === 'effect.refused') {
    return [obstacle('effect', 'An effect that its sink refused, and no event: mend the sink, and see the message')];
  }
  const { shard, sequence, index = 0, arrival, partitionKey } = letter;
  if (shard === undefined || sequence === undefined || arrival === undefined || partitionKey === undefined) {
    return [obstacle('no-position', 'The letter does not say where in the stream its record was')];
  }
  const position = { stream: reading.stream, shard, sequence, index };
  if (payload === undefined) {
    return [
      obstacle('payload-missing', 'Its payload was kept in S3, and is not there any more, or may not be read', {
        position,
      }),
    ];
  }
  const record = { shard, sequence, partitionKey, arrivalMs: Date.parse(arrival), data: payload };
  // Of a record that made the function die, nobody knows how far it came.
  const fate = letter.code === 'record.crashes' ? 'discarded' : 'rejected';
  const parts = partsOf(record, index, reading);
  if (edit !== undefined) return [editedItem(edit, { fate, position, record }, parts.length, reading, nowMs)];
  return parts.map((part): Item => {
    const origin: Origin = { fate, position: part.at, record };
    if (part.kind === 'ignored') {
      return obstacle('not-handled', `${reading.processor} does not handle it, and would skip it`, {
        position: part.at,
      });
    }
    return itemOf(part.payload(), origin, reading, nowMs, part.kind === 'rejected' ? part.cause.code : undefined);
  });
}

function editedItem(edit: CloudEvent, origin: Origin, parts: number, reading: Reading, nowMs: number): Item {
  const { position, record } = origin;
  const place = { position, eventId: edit.id };
  if (parts > 1) return obstacle('edit-mismatch', `Its record holds ${parts} events, and the edit is one`, place);
  const original = originalEvent(record.data, origin, reading);
  const isSame = (name: 'id' | 'source' | 'subject'): boolean => original?.[name] === edit[name];
  if (original !== undefined && !(isSame('id') && isSame('source') && isSame('subject'))) {
    return obstacle('edit-mismatch', 'The edit has another id, source or subject than the event that it is of', place);
  }
  return fitItem(edit, origin, reading, nowMs);
}

function itemOf(bytes: Uint8Array, origin: Origin, reading: Reading, nowMs: number, why = 'no CloudEvent'): Item {
  const event = originalEvent(bytes, origin, reading);
  if (event !== undefined) return fitItem(event, origin, reading, nowMs);
  return obstacle('malformed', `It holds no event that could be sent (${why}): put one in with --edit`, {
    position: origin.position,
  });
}

function fitItem(event: CloudEvent, origin: Origin, reading: Reading, nowMs: number): Item {
  const place = { position: origin.position, eventId: event.id };
  const made = candidateOf(event, origin, reading, nowMs);
  return isUnfit(made)
    ? { kind: 'obstacle', obstacle: made, ...place }
    : { kind: 'candidate', candidate: made, ...place };
}

/** The events of a discarded batch, and one obstacle for all records that the stream no longer has. */
export function itemsOfDiscard(
  discard: Discard,
  { records, isWhole }: Range,
  reading: Reading,
  nowMs: number,
): readonly Item[] {
  const items = records.flatMap((record) =>
    partsOf(record, 0, reading).map((part): Item => {
      const { at: position } = part;
      if (part.kind === 'ignored') return { kind: 'ignored', position };
      if (part.kind === 'event') {
        const origin = { fate: 'discarded', position, record } as const;
        return itemOf(part.payload(), origin, reading, nowMs);
      }
      const letter: DeadLetter = {
        id: letterId(reading.processor, position),
        processor: reading.processor,
        cause: part.cause,
        position,
        arrivalMs: record.arrivalMs,
        partitionKey: record.partitionKey,
        payload: part.payload(),
      };
      return { kind: 'letter', letter, position };
    }),
  );
  if (isWhole) return items;
  const { batchSize, arrival } = discard;
  const left = records.length === 0 ? 'none of them is' : 'the first of them are no longer';
  const expired = `Of a batch of ${batchSize} records that arrived from ${arrival} on, ${left} in the stream: its retention has passed`;
  return [obstacle('expired', expired), ...items];
}
