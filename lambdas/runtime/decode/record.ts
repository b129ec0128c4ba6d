import { hash } from 'node:crypto';
import { type Catalogue, type EventDefinition, newestVersion } from '../../core/catalogue.ts';
import { type CloudEvent, envelopeSchema, versionOf } from '../../core/event.ts';
import type { Incoming } from '../../core/fold.ts';
import type { Position } from '../../core/position.ts';
import { type Rejection, type RejectionCode, rejection } from '../../core/rejection.ts';
import { AggregateCorrupt, isAggregate, TooManyUserRecords, type UserRecord, userRecords } from './aggregate.ts';
import { describeIssues } from './issues.ts';
import { DECODE_LIMITS } from './limits.ts';
import { type Payload, parsePayload, tooManyValues, Undecodable } from './payload.ts';

/** A record as Lambda hands it over. */
export interface RawRecord {
  readonly shard: string;
  readonly sequence: string;
  readonly partitionKey: string;
  /** Arrival in the stream, epoch milliseconds. */
  readonly arrivalMs: number;
  readonly data: Uint8Array;
}

/** What decoding has to know of the processor and its stream. */
export interface DecodeSettings {
  /** The processor's name, which `millraceto` may name. Absent: events for any processor are decoded, as viewers of a stream do. */
  readonly processor?: string;
  /** Logical name of the stream. */
  readonly stream: string;
  readonly catalogue: Catalogue;
  /** Names of the types that the processor folds. */
  readonly handled: ReadonlySet<string>;
  /** Whether inner partition keys of KPL aggregates may differ from the outer one. */
  readonly kplProducers: boolean;
  /** How far event time may lie ahead of arrival, ms. */
  readonly futureToleranceMs: number;
  /** Whether `recordedtime` stands for the arrival. */
  readonly replayMode: boolean;
}

/** One event of a record, or what stands in its place. `payload` gives the bytes to keep in a dead letter. */
export type Decoded =
  | { readonly kind: 'event'; readonly key: string; readonly incoming: Incoming; readonly payload: () => Uint8Array }
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'rejected';
      readonly position: Position;
      readonly cause: Rejection;
      readonly payload: () => Uint8Array;
    };

export interface DecodedRecord {
  readonly items: readonly Decoded[];
  /** Bytes of JSON that it took, or what its values weigh if that is more: for bounding memory. */
  readonly bytes: number;
}

/** Bytes to events, in order. Never throws on bad input: what cannot be read becomes `rejected` with a typed cause. */
export function decodeRecord(record: RawRecord, settings: DecodeSettings): DecodedRecord {
  const positionAt = (index: number): Position => ({
    stream: settings.stream,
    shard: record.shard,
    sequence: record.sequence,
    index,
  });
  try {
    const items: Decoded[] = [];
    let bytes = 0;
    let values = 0;
    for (const part of partsOf(record)) {
      const { elements, ...size } = elementsOf(part.data);
      bytes += size.bytes;
      values += size.values;
      if (items.length + elements.length > DECODE_LIMITS.eventsPerRecord) throw tooManyEvents();
      if (bytes > DECODE_LIMITS.expandedBytes) throw tooLargeTogether();
      if (values > DECODE_LIMITS.valuesPerRecord) throw tooManyValues();
      for (const { value, payload, cause } of elements) {
        const position = positionAt(items.length);
        if (cause !== undefined) items.push({ kind: 'rejected', position, cause, payload });
        else items.push(decodeEvent(value, { record, part, position, payload }, settings));
      }
    }
    return { items, bytes: Math.max(bytes, values * DECODE_LIMITS.bytesPerValue) };
  } catch (error) {
    const cause = causeOf(error);
    return { items: [{ kind: 'rejected', position: positionAt(0), cause, payload: () => record.data }], bytes: 0 };
  }
}

/** Failures of the record as a whole; anything else is a defect and passes through. */
function causeOf(error: unknown): Rejection {
  if (error instanceof Undecodable) return error.rejection;
  if (error instanceof AggregateCorrupt) return rejection('record.aggregate-corrupt', error.message);
  if (error instanceof TooManyUserRecords) return tooManyEvents().rejection;
  throw error;
}

const partsOf = (record: RawRecord): readonly UserRecord[] =>
  isAggregate(record.data)
    ? userRecords(record.data, DECODE_LIMITS.eventsPerRecord)
    : [{ partitionKey: record.partitionKey, data: record.data }];

interface Element {
  readonly value?: unknown;
  readonly payload: () => Uint8Array;
  readonly cause?: Rejection;
}

/** The events of a record or user record: one, or a CloudEvents batch. A part that cannot be read is one rejected element. */
function elementsOf(data: Uint8Array): Omit<Payload, 'value'> & { readonly elements: readonly Element[] } {
  try {
    const { value, ...size } = parsePayload(data);
    if (!Array.isArray(value)) return { elements: [{ value, payload: () => data }], ...size };
    if (value.length === 0) throw new Undecodable('event.invalid-envelope', 'The CloudEvents batch holds no event');
    if (value.length > DECODE_LIMITS.eventsPerRecord) throw tooManyEvents();
    return {
      elements: value.map((one) => ({ value: one, payload: () => Buffer.from(JSON.stringify(one)) })),
      ...size,
    };
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    return { elements: [{ payload: () => data, cause: error.rejection }], bytes: 0, values: 0 };
  }
}

interface Place {
  readonly record: RawRecord;
  readonly part: UserRecord;
  readonly position: Position;
  readonly payload: () => Uint8Array;
}

function decodeEvent(value: unknown, place: Place, settings: DecodeSettings): Decoded {
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
function hashId({ source, id }: CloudEvent): bigint {
  return hash('sha256', `${source.length}:${source}${id}`, 'buffer').readBigUInt64BE(0);
}

const quote = (text: string): string => JSON.stringify(text.slice(0, 80));

const unknownVersion = (event: CloudEvent, definition: EventDefinition): string =>
  `${quote(event.dataschema)} names no version of ${definition.type}; known are urn:millrace:${definition.type}:1 to ${newestVersion(definition)}`;

const tooManyEvents = (): Undecodable =>
  new Undecodable('record.too-many-events', `More than ${DECODE_LIMITS.eventsPerRecord} events in one record`);

const tooLargeTogether = (): Undecodable =>
  new Undecodable(
    'record.gzip-too-large',
    `Its user records expand to more than ${DECODE_LIMITS.expandedBytes} bytes together`,
  );
