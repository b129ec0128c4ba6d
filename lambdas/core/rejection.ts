/** Why a record or an event can never be applied. The code is part of the contract: dead letters, metrics and redrive group by it. */
export const REJECTION_CODES = [
  /** The record has no bytes. */
  'record.empty',
  'record.invalid-utf8',
  'record.not-json',
  /** gzip magic, but the stream is damaged or cut. */
  'record.gzip-corrupt',
  /** It would expand beyond the bound. */
  'record.gzip-too-large',
  /** KPL magic and a right MD5, but no aggregate inside. */
  'record.aggregate-corrupt',
  /** More events in one record than the bound. */
  'record.too-many-events',
  /** More JSON values in one record than the bound. */
  'record.too-many-values',
  /** JSON nested deeper than the bound. */
  'record.too-deep',
  /** A member called `__proto__`. */
  'record.forbidden-key',
  /** A number that JSON readers round, or that DynamoDB does not hold. */
  'record.inexact-number',
  /** Alone in its batch, it made the function die or hang three times. */
  'record.crashes',
  /** Its header names a schema version that the registry does not have, or that cannot be used. */
  'record.unknown-schema',
  /** Avro or Protobuf that does not fit the schema which its header names. */
  'record.schema-mismatch',
  /** The stream's adapter can make no CloudEvent of it. */
  'event.unadaptable',
  /** JSON, but no CloudEvent as Millrace wants it. */
  'event.invalid-envelope',
  /** The type is in no catalogue. */
  'event.unknown-type',
  /** The catalogue has no such version of the type, or `dataschema` names another type. */
  'event.unknown-version',
  /** The data does not satisfy the schema that `dataschema` names. */
  'event.invalid-data',
  /** Its time lies further ahead of its arrival than the tolerance. */
  'event.from-future',
  /** Its key is not the partition key of its record. */
  'event.misrouted',
  /** An upcaster or the reducer threw. */
  'event.reducer-threw',
  /** Applied, its row alone would pass DynamoDB's 400 KB. */
  'state.too-large',
  /** An effect that its sink refuses for good. */
  'effect.refused',
] as const;

export type RejectionCode = (typeof REJECTION_CODES)[number];

/** A permanent failure: a code to group by, a sentence for people, and what helps to find the place. Never holds personal data. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export const rejection = (
  code: RejectionCode,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): Rejection => (details === undefined ? { code, message } : { code, message, details });
