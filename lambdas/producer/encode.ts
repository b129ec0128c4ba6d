import { type Catalogue, type EventDefinition, newestVersion } from '../core/catalogue.ts';
import { type CloudEvent, envelopeSchema, versionOf } from '../core/event.ts';
import { describeIssues } from '../core/issues.ts';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import { InvalidEventError, OversizeEventError } from './errors.ts';
import type { Encoded } from './item.ts';
import { forbiddenIn, weigh } from './json-weight.ts';
import { sized } from './packing.ts';
import { isPlainEnvelope } from './plain-envelope.ts';
import type { StreamRecord } from './record.ts';

/**
 * Judges a complete event as its readers will: the envelope, and, with a catalogue, its type, version and data.
 *
 * @throws InvalidEventError.
 */
function checkEvent(event: CloudEvent, catalogue?: Catalogue): void {
  checkEnvelope(event);
  if (catalogue === undefined) return;
  const { type, dataschema, data } = event;
  const definition = catalogue.get(type);
  if (definition === undefined) throw new InvalidEventError('Invalid event', ['type: is in no catalogue']);
  const version = versionOf(dataschema, type);
  if (version === undefined || version > newestVersion(definition)) {
    const allowed = `urn:millrace:${type}:<version>, of version 1 to ${newestVersion(definition)}`;
    throw new InvalidEventError(`Invalid event of type ${type}`, [`dataschema: must be ${allowed}`]);
  }
  checkData(definition, version, data);
}

/** @throws InvalidEventError. */
export function checkEnvelope(event: CloudEvent): void {
  if (isPlainEnvelope(event)) return;
  const { success, error } = envelopeSchema.safeParse(event);
  if (!success) throw new InvalidEventError('Invalid event', describeIssues(error, envelopeSchema));
  const { partitionkey, subject } = event;
  if (partitionkey !== undefined && partitionkey !== subject) {
    throw new InvalidEventError('Invalid event', ['partitionkey: must be the subject, which is the key']);
  }
}

/** @throws InvalidEventError. */
export function checkData(definition: EventDefinition, version: number, data: unknown): void {
  const schema = definition.versions[version - 1]?.schema;
  if (schema === undefined) throw new RangeError(`${definition.type} has no version ${version}`);
  const { success, error } = schema.safeParse(data);
  if (success) return;
  const issues = describeIssues(error, schema).map((issue) => `data.${issue}`.replace(/^data\.\(event\)/, 'data'));
  throw new InvalidEventError(`Invalid event of type ${definition.type}, version ${version}`, issues);
}

/**
 * Events of one subject, to travel in one record.
 *
 * @throws InvalidEventError for what no reader would take, though it is JSON; OversizeEventError if no record holds them.
 */
export function encodeEvents(partitionKey: string, events: readonly CloudEvent[], gzip: boolean): Encoded {
  const count = events.length;
  const levels = RECORD_LIMITS.depth - (count > 1 ? 1 : 0);
  let body = '';
  let values = 0;
  let depth = 0;
  for (const event of events) {
    const json = jsonOf(event, event);
    const weight = weigh(json);
    refuseUnreadable(json, weight.depth, weight.isExact, levels);
    body = body === '' ? json : `${body},${json}`;
    values += weight.values;
    depth = Math.max(depth, weight.depth);
  }
  return sized({ partitionKey, body, count, bytes: Buffer.byteLength(body), values, depth, events }, gzip);
}

/**
 * Complete events that are to travel in one record, judged first: as `checkEvent` and `encodeEvents`, and they must be of one subject.
 *
 * @throws InvalidEventError, OversizeEventError; RangeError if there is none.
 */
export function encodeTogether(
  events: readonly CloudEvent[],
  catalogue: Catalogue | undefined,
  gzip: boolean,
): Encoded {
  const [first] = events;
  if (first === undefined) throw new RangeError('There must be at least one event to send');
  for (const event of events) {
    checkEvent(event, catalogue);
    if (event.subject === first.subject) continue;
    throw new InvalidEventError('Invalid events', ['subject: must be the same for events that travel together']);
  }
  return encodeEvents(first.subject, events, gzip);
}

/** Of the envelopes for which `encodePlain` is: an object, and nine texts. */
const PLAIN_ENVELOPE_VALUES = 10;

/**
 * One event whose envelope holds nothing but nine texts. As `encodeEvents`, but only the data are turned into JSON and judged.
 *
 * @param head the JSON of the event up to its data: ASCII, of `headBytes`.
 */
export function encodePlain(
  event: CloudEvent,
  head: (event: CloudEvent) => string,
  headBytes: number,
  gzip: boolean,
): Encoded {
  const body = jsonOf(event.data, event);
  // JSON leaves them out.
  if (body === undefined) return encodeEvents(event.subject, [event], gzip);
  const weight = weigh(body);
  const depth = weight.depth + 1;
  refuseUnreadable(body, depth, weight.isExact, RECORD_LIMITS.depth);
  const bytes = headBytes + Buffer.byteLength(body) + 1;
  const values = weight.values + PLAIN_ENVELOPE_VALUES;
  return sized({ partitionKey: event.subject, body, head, count: 1, bytes, values, depth, events: [event] }, gzip);
}

/** @param event that it is of. */
function jsonOf(value: unknown, event: CloudEvent): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    // Its message names members, which may be personal data, so it goes no further.
    const why = cause instanceof RangeError ? 'is nested too deep' : 'holds a cycle or a BigInt';
    throw new InvalidEventError(`Invalid event of type ${event.type}`, [`data: ${why}, which JSON cannot express`]);
  }
}

function refuseUnreadable(json: string, depth: number, isExact: boolean, levels: number): void {
  if (depth > levels) {
    throw new InvalidEventError('Invalid event', [`(event): is nested deeper than ${levels} levels`]);
  }
  if (!isExact) {
    throw new InvalidEventError('Invalid event', [
      '(event): holds a number that cannot be kept exactly: send identifiers and large numbers as text',
    ]);
  }
  const forbidden = forbiddenIn(json);
  if (forbidden !== undefined) throw new InvalidEventError('Invalid event', [`(event): ${forbidden}`]);
}

/**
 * A record of the caller's own making.
 *
 * @throws InvalidEventError if its partition key is none; OversizeEventError if it is too large.
 */
export function encodeRecord(record: StreamRecord): Encoded {
  const { partitionKey, data } = record;
  const most = RECORD_LIMITS.partitionKeyLength;
  if (partitionKey === '' || partitionKey.length > most || !partitionKey.isWellFormed()) {
    throw new InvalidEventError('Invalid record', [`partitionKey: must be a text of 1 to ${most} characters`]);
  }
  const room = RECORD_LIMITS.bytes - Buffer.byteLength(partitionKey);
  if (data.length > room) throw new OversizeEventError('The record', data.length, room, 'bytes');
  return { partitionKey, body: data, count: 1, bytes: data.length, values: 0, depth: 0, events: [], record };
}
