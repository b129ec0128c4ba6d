import type { Catalogue } from '../../core/catalogue.ts';
import type { Incoming } from '../../core/fold.ts';
import type { Position } from '../../core/position.ts';
import { type Rejection, rejection } from '../../core/rejection.ts';
import type { Adapter } from '../adapters/adapter.ts';
import { adaptEvent } from './adapt.ts';
import { AggregateCorrupt, isAggregate, TooManyUserRecords, type UserRecord, userRecords } from './aggregate.ts';
import { decodeEvent } from './event.ts';
import type { Formats } from './formats.ts';
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
  /** Makes CloudEvents of what is none. Absent: the stream carries CloudEvents alone. */
  readonly adapter?: Adapter;
  /** Reads what is no JSON. Absent: the stream carries JSON alone. */
  readonly formats?: Formats;
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
      const { elements, ...size } = elementsOf(part.data, settings);
      bytes += size.bytes;
      values += size.values;
      if (items.length + elements.length > DECODE_LIMITS.eventsPerRecord) throw tooManyEvents();
      if (bytes > DECODE_LIMITS.expandedBytes) throw tooLargeTogether();
      if (values > DECODE_LIMITS.valuesPerRecord) throw tooManyValues();
      for (const { value, payload, cause } of elements) {
        const position = positionAt(items.length);
        if (cause !== undefined) items.push({ kind: 'rejected', position, cause, payload });
        else if (settings.adapter === undefined) {
          items.push(decodeEvent(value, { record, part, position, payload }, settings));
        } else items.push(adaptEvent(value, { record, part, position, payload }, settings, settings.adapter));
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
function elementsOf(
  data: Uint8Array,
  { adapter, formats }: DecodeSettings,
): Omit<Payload, 'value'> & { readonly elements: readonly Element[] } {
  try {
    // Only an adapter knows what no bytes mean: in change data capture, that a row is gone.
    if (data.length === 0 && adapter !== undefined)
      return { elements: [{ value: null, payload: () => data }], bytes: 0, values: 1 };
    const { value, ...size } = formats?.isFramed(data) ? formats.parse(data) : parsePayload(data);
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

const tooManyEvents = (): Undecodable =>
  new Undecodable('record.too-many-events', `More than ${DECODE_LIMITS.eventsPerRecord} events in one record`);

const tooLargeTogether = (): Undecodable =>
  new Undecodable(
    'record.gzip-too-large',
    `Its user records expand to more than ${DECODE_LIMITS.expandedBytes} bytes together`,
  );
