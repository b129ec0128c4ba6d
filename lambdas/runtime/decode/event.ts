import { hash } from 'node:crypto';
import { type EventDefinition, newestVersion } from '../../core/catalogue.ts';
import { type CloudEvent, envelopeSchema, versionOf } from '../../core/event.ts';
import type { Incoming } from '../../core/fold.ts';
import type { Position } from '../../core/position.ts';
import { type RejectionCode, rejection } from '../../core/rejection.ts';
import type { UserRecord } from './aggregate.ts';
import { describeIssues } from './issues.ts';
import type { Decoded, DecodeSettings, RawRecord } from './record.ts';

/** Where an event stands. */
export interface Place {
  readonly record: RawRecord;
  readonly part: UserRecord;
  readonly position: Position;
  readonly payload: () => Uint8Array;
}

/** An event, judged by its envelope, its address, its time and its schema. */
export function decodeEvent(value: unknown, place: Place, settings: DecodeSettings): Decoded {
  const reject = (code: RejectionCode, message: string, details?: Readonly<Record<string, unknown>>): Decoded => ({
    kind: 'rejected',
    position: place.position,
    cause: rejection(code, message, details),
    payload: place.payload,
  });
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) {
    return reject('event.invalid-envelope', 'No CloudEvent as Millrace wants it', {
      issues: describeIssues(envelope.error, envelopeSchema),
    });
  }
  const event = envelope.data as CloudEvent;
  const { type } = event;
  if (isForAnother(event, settings)) return { kind: 'ignored' };
  const definition = settings.catalogue.get(type);
  if (definition === undefined) {
    return reject(
      'event.unknown-type',
      `No catalogue has the type ${quote(type)}: is it spelt right, and is its schema deployed?`,
    );
  }
  if (!settings.handled.has(type)) return { kind: 'ignored' };
  const version = versionOf(event.dataschema, type);
  const schema = version === undefined ? undefined : definition.versions[version - 1]?.schema;
  if (version === undefined || schema === undefined) {
    return reject('event.unknown-version', unknownVersion(event, definition), { type });
  }
  if (event.subject !== place.part.partitionKey || isForeignAggregate(event, place, settings)) {
    return reject(
      'event.misrouted',
      'The subject is not the partition key of its record: set the partition key to the subject',
      { type },
    );
  }
  const arrivalMs = arrivalOf(event, place.record, settings);
  const aheadMs = Date.parse(event.time) - arrivalMs;
  if (aheadMs > settings.futureToleranceMs) {
    return reject(
      'event.from-future',
      `Its time lies ${aheadMs} ms after its arrival; ${settings.futureToleranceMs} ms are tolerated: check the producer's clock`,
      { type },
    );
  }
  const data = schema.safeParse(event.data);
  if (!data.success) {
    return reject('event.invalid-data', `The data does not satisfy ${event.dataschema}`, {
      type,
      issues: describeIssues(data.error, schema),
    });
  }
  const incoming: Incoming = {
    event: { ...event, data: data.data },
    definition,
    version,
    position: place.position,
    arrivalMs,
    idHash: hashId(event),
  };
  return { kind: 'event', key: event.subject, incoming, payload: place.payload };
}

const isForAnother = ({ millraceto }: CloudEvent, { processor }: DecodeSettings): boolean =>
  millraceto !== undefined && processor !== undefined && millraceto !== processor;

/** An aggregate of several keys on a stream whose lanes are cut by the outer key: the inner key's order would be lost. */
const isForeignAggregate = (event: CloudEvent, { record }: Place, { kplProducers }: DecodeSettings): boolean =>
  !kplProducers && record.partitionKey !== event.subject;

const arrivalOf = (event: CloudEvent, record: RawRecord, { replayMode }: DecodeSettings): number =>
  replayMode && event.recordedtime !== undefined ? Date.parse(event.recordedtime) : record.arrivalMs;

/** First 8 bytes of SHA-256 over source and id; the length keeps `a` + `bc` and `ab` + `c` apart. */
export function hashId({ source, id }: CloudEvent): bigint {
  return hash('sha256', `${source.length}:${source}${id}`, 'buffer').readBigUInt64BE(0);
}

const quote = (text: string): string => JSON.stringify(text.slice(0, 80));

const unknownVersion = (event: CloudEvent, definition: EventDefinition): string =>
  `${quote(event.dataschema)} names no version of ${definition.type}; known are urn:millrace:${definition.type}:1 to ${newestVersion(definition)}`;
