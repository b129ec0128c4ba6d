import type { CloudEvent } from '../core/event.ts';
import { RECORD_LIMITS } from '../core/record-limits.ts';

/** In UTC, on a day that every month has. */
const PLAIN_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

/** Texts that are the same in JSON but for the quotes: printable ASCII without quotes and backslashes. */
const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/**
 * Whether an envelope is of the kind that nearly all are, which is seen at a tenth of what the schema costs. One that is not may be valid all
 * the same: the schema tells. One that is passes the schema.
 */
export const isPlainEnvelope = (event: CloudEvent): boolean =>
  event.specversion === '1.0' &&
  isName(event.id) &&
  isName(event.source) &&
  isName(event.type) &&
  isPlainTime(event.time) &&
  isName(event.subject) &&
  isName(event.dataschema) &&
  isShort(event.datacontenttype) &&
  (event.partitionkey === undefined || event.partitionkey === event.subject) &&
  isShort(event.traceparent) &&
  isShort(event.sequence) &&
  event.recordedtime === undefined &&
  event.millraceto === undefined;

export const isPlainTime = (time: unknown): boolean => typeof time === 'string' && PLAIN_TIME.test(time);

/** A name as the envelope wants it, that JSON leaves as it is. */
export const isPlainName = (text: unknown): text is string => isName(text) && PLAIN_TEXT.test(text);

const MOST = RECORD_LIMITS.partitionKeyLength;

const isName = (text: unknown): text is string => typeof text === 'string' && text.length > 0 && text.length <= MOST;

const isShort = (text: unknown): boolean => text === undefined || (typeof text === 'string' && text.length <= MOST);
