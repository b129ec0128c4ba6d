import { type Catalogue, type EventDefinition, newestVersion } from '../core/catalogue.ts';
import { type CloudEvent, envelopeSchema, versionOf } from '../core/event.ts';
import { describeIssues } from '../core/issues.ts';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import { InvalidEventError, OversizeEventError } from './errors.ts';
import type { Encoded } from './item.ts';
import { forbiddenIn, type JsonWeight, weigh } from './json-weight.ts';
import { sized } from './packing.ts';
import type { StreamRecord } from './record.ts';

/**
 * Judges a complete event as its readers will: the envelope, and, with a catalogue, its type, version and data.
 *
 * @throws InvalidEventError.
 */
export function checkEvent(event: CloudEvent, catalogue?: Catalogue): void {
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
  const texts = events.map(jsonOf);
  let values = 0;
  let depth = 0;
  for (const text of texts) {
    const weight = weighed(text, events.length > 1);
    values += weight.values;
    depth = Math.max(depth, weight.depth);
  }
  const body = texts.join(',');
  const bytes = Buffer.byteLength(body);
  const what =
    events.length === 1 ? `The event of type ${events[0]?.type}` : `${events.length} events to travel together`;
  return sized({ partitionKey, body, count: events.length, bytes, values, depth, events }, gzip, what);
}

function jsonOf(event: CloudEvent): string {
  try {
    return JSON.stringify(event);
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    // Its message names members, which may be personal data, so it goes no further.
    const why = cause instanceof RangeError ? 'is nested too deep' : 'holds a cycle or a BigInt';
    throw new InvalidEventError(`Invalid event of type ${event.type}`, [`data: ${why}, which JSON cannot express`]);
  }
}

function weighed(json: string, isInBatch: boolean): JsonWeight {
  const weight = weigh(json);
  const levels = RECORD_LIMITS.depth - (isInBatch ? 1 : 0);
  if (weight.depth > levels) {
    throw new InvalidEventError('Invalid event', [`(event): is nested deeper than ${levels} levels`]);
  }
  if (!weight.isExact) {
    throw new InvalidEventError('Invalid event', [
      '(event): holds a number that cannot be kept exactly: send identifiers and large numbers as text',
    ]);
  }
  const forbidden = forbiddenIn(json);
  if (forbidden !== undefined) throw new InvalidEventError('Invalid event', [`(event): ${forbidden}`]);
  return weight;
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
