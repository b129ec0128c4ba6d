import { rejection } from '../../core/rejection.ts';
import { type Adapted, type Adapter, isMembers } from '../adapters/adapter.ts';
import { decodeEvent, type Place } from './event.ts';
import type { Decoded, DecodeSettings } from './record.ts';

/**
 * An element of a stream with an adapter. CloudEvents pass as they are: timers, redriven events, and producers that have moved on. What the
 * adapter makes is judged like any other event; that its subject is what the partition key says is checked by what the key stands for.
 */
export function adaptEvent(value: unknown, place: Place, settings: DecodeSettings, adapter: Adapter): Decoded {
  const { position, payload, record, part } = place;
  const keySubject = adapter.subjectOf(part.partitionKey);
  const adapted: Adapted =
    isMembers(value) && typeof value.specversion === 'string'
      ? { kind: 'event', event: value }
      : adapter.adapt(value, { position, keySubject: keySubject ?? '', arrivalMs: record.arrivalMs });
  if (adapted.kind === 'ignored') return adapted;
  if (adapted.kind === 'rejected') return { kind: 'rejected', position, cause: adapted.cause, payload };
  if (keySubject === undefined) return { kind: 'rejected', position, cause: OTHER_FORM, payload };
  const outer = adapter.subjectOf(record.partitionKey) ?? record.partitionKey;
  return decodeEvent(
    adapted.event,
    { ...place, part: { ...part, partitionKey: keySubject }, record: { ...record, partitionKey: outer } },
    settings,
  );
}

const OTHER_FORM = rejection(
  'event.misrouted',
  "The partition key has not the form that the stream's manifest says: its subject cannot be told",
);
