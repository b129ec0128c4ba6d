import * as z from 'zod';

/**
 * A CloudEvents 1.0 event in its JSON format (https://github.com/cloudevents/spec, v1.0.2), with `time`, `subject` and `dataschema`,
 * optional there, required here: event time decides windows, the subject is the entity, the schema's version decides how data is read.
 */
export interface CloudEvent<Type extends string = string, Data = unknown> {
  readonly specversion: '1.0';
  /** Unique together with `source`. A producer's retry keeps it. */
  readonly id: string;
  readonly source: string;
  readonly type: Type;
  /** RFC 3339, when it happened. */
  readonly time: string;
  /** The entity that it is about: the key of keyed processors. */
  readonly subject: string;
  /** `urn:millrace:<type>:<version>`. */
  readonly dataschema: string;
  readonly data: Data;
  readonly datacontenttype?: string | undefined;
  readonly partitionkey?: string | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
  /** Number of the event at its source; on effects, the version of the row that sent it. */
  readonly sequence?: string | undefined;
  /** Arrival time to use instead of Kinesis's, in a stage's replay mode only. RFC 3339. */
  readonly recordedtime?: string | undefined;
  /** The one processor that this event is for: a redriven event or a timer. All others skip it. */
  readonly millraceto?: string | undefined;
}

/** Longest id, source, type and subject, in characters. A Kinesis partition key holds 256, and the subject is the key. */
const MAX_NAME = 256;

const name = z.string().min(1).max(MAX_NAME);
/** Times are compared and passed on as texts in UTC, which have four digits for the year: an offset must not carry one out of them. */
const FOUR_DIGIT_YEARS = {
  from: Date.parse('0000-01-01T00:00:00Z'),
  to: Date.parse('9999-12-31T23:59:59.999Z'),
} as const;

const instant = z.iso
  .datetime({ offset: true })
  .max(64)
  .refine((time) => {
    const ms = Date.parse(time);
    return !(ms < FOUR_DIGIT_YEARS.from || ms > FOUR_DIGIT_YEARS.to);
  }, 'must lie in the years 0 to 9999 in UTC');

/** Rows count arrivals from 1970. */
const arrival = instant.refine((time) => !(Date.parse(time) < 0), 'must not lie before 1970');

/** The envelope alone; `data` is judged by the schema that `dataschema` names. Extension attributes that Millrace does not know pass. */
export const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: name,
  source: name,
  type: name,
  time: instant,
  subject: name,
  dataschema: z.string().min(1).max(512),
  datacontenttype: z.string().max(MAX_NAME).optional(),
  partitionkey: name.optional(),
  traceparent: z.string().max(MAX_NAME).optional(),
  sequence: z.string().max(MAX_NAME).optional(),
  recordedtime: arrival.optional(),
  millraceto: name.optional(),
  data: z.unknown(),
});

/** The `dataschema` of version `version` of event type `type`. */
export const dataSchemaOf = (type: string, version: number): string => `urn:millrace:${type}:${version}`;

/** The version that a `dataschema` names for `type`, or undefined if it names another type or is no such URN. */
export function versionOf(dataschema: string, type: string): number | undefined {
  const prefix = `urn:millrace:${type}:`;
  if (!dataschema.startsWith(prefix)) return undefined;
  const version = dataschema.slice(prefix.length);
  return /^[1-9][0-9]{0,5}$/.test(version) ? Number(version) : undefined;
}
