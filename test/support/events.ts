import type * as z from 'zod';
import { defineEvent, type EventDefinition, newestVersion } from '../../lambdas/core/catalogue.ts';
import { type CloudEvent, dataSchemaOf } from '../../lambdas/core/event.ts';
import type { RawRecord } from '../../lambdas/runtime/decode/record.ts';

/** The entity of events that name none. */
export const SUBJECT = 'user-1';

/** When events happen that name no time. */
export const NOON = '2026-11-01T12:00:00.000Z';
export const NOON_MS = Date.parse(NOON);

/** RFC 3339, so many milliseconds after noon. */
export const afterNoon = (ms: number): string => new Date(NOON_MS + ms).toISOString();

/** An event type of which a test needs only the data. */
export const testEvent = <Type extends string, Schema extends z.ZodType>(
  type: Type,
  schema: Schema,
  example: z.input<Schema>,
): EventDefinition<Type, z.output<Schema>> =>
  defineEvent(type, { description: type, owner: 'tests', subject: { is: 'key', example: SUBJECT }, schema, example });

/** What a test may say of an envelope; the rest is filled in. */
export type EnvelopePart = Partial<Omit<CloudEvent, 'specversion' | 'type' | 'data'>>;

let built = 0;

/** An event of the newest version of a type, of `SUBJECT` at `NOON` unless it says otherwise. Every call makes a new id: `event-1`, ... */
export const eventOf = <Type extends string, Data>(
  definition: EventDefinition<Type, Data>,
  data: Data,
  envelope: EnvelopePart = {},
): CloudEvent<Type, Data> => build(definition, newestVersion(definition), data, envelope);

/** The same of an older version. Its data are not typed: only the newest version's type is kept. */
export const olderEventOf = <Type extends string>(
  definition: EventDefinition<Type>,
  version: number,
  data: unknown,
  envelope: EnvelopePart = {},
): CloudEvent<Type> => build(definition, version, data, envelope);

function build<Type extends string, Data>(
  { type }: EventDefinition<Type>,
  version: number,
  data: Data,
  envelope: EnvelopePart,
): CloudEvent<Type, Data> {
  built++;
  return {
    specversion: '1.0',
    id: `event-${built}`,
    source: 'urn:test',
    type,
    time: NOON,
    subject: SUBJECT,
    dataschema: dataSchemaOf(type, version),
    ...envelope,
    data,
  };
}

/** Sequence numbers look like Kinesis's: 56 digits, ascending. */
export const sequenceNumber = (nth: number): string =>
  `49590338271490256608559692538361571095921575${String(nth).padStart(12, '0')}`;

/** A Kinesis record that carries bytes, or anything else as JSON. Arrives at noon, keyed by `SUBJECT`, unless `place` says otherwise. */
export const recordOf = (payload: unknown, place: Partial<Omit<RawRecord, 'data'>> = {}): RawRecord => ({
  shard: 'shardId-000000000003',
  sequence: sequenceNumber(1),
  partitionKey: SUBJECT,
  arrivalMs: NOON_MS,
  ...place,
  data: payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload)),
});
