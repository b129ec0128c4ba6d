import { gunzipSync } from 'node:zlib';
import { isExactNumber } from '../../core/exact-number.ts';
import { type Rejection, type RejectionCode, rejection } from '../../core/rejection.ts';
import { DECODE_LIMITS } from './limits.ts';

/** Why bytes are no events. */
export class Undecodable extends Error {
  readonly rejection: Rejection;

  constructor(code: RejectionCode, message: string, details?: Readonly<Record<string, unknown>>) {
    super(message);
    this.name = 'Undecodable';
    this.rejection = rejection(code, message, details);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What a record or user record holds. */
export interface Payload {
  readonly value: unknown;
  /** Bytes of its JSON. */
  readonly bytes: number;
  /** Texts, numbers, lists and objects in it. */
  readonly values: number;
}

/** The parsed JSON of a record or user record, gunzipped if need be. Throws Undecodable. */
export function parsePayload(data: Uint8Array): Payload {
  if (data.length === 0) throw new Undecodable('record.empty', 'The record has no bytes');
  const plain = isGzip(data) ? gunzip(data) : data;
  const text = decodeUtf8(plain);
  guardParser(plain);
  const value = parseJson(text);
  // Raw text was valid UTF-8, so half a surrogate pair can only come from an escape.
  const values = inspect(value, text.includes('\\u'));
  return { value, bytes: plain.length, values };
}

const isGzip = (data: Uint8Array): boolean => data[0] === 0x1f && data[1] === 0x8b;

function gunzip(data: Uint8Array): Uint8Array {
  try {
    return gunzipSync(data, { maxOutputLength: DECODE_LIMITS.expandedBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Undecodable('record.gzip-too-large', `gzip expands to more than ${DECODE_LIMITS.expandedBytes} bytes`);
    }
    throw new Undecodable('record.gzip-corrupt', 'The gzip stream is damaged or cut short');
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Undecodable('record.invalid-utf8', 'The bytes are no UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may hold personal data.
    throw new Undecodable('record.not-json', 'The text is no JSON');
  }
}

const [QUOTE, BACKSLASH, COMMA, LIST, END_OF_LIST, OBJECT, END_OF_OBJECT, SPACE] = Buffer.from('"\\,[]{} ');

/** Refuses JSON of so many values that parsing it would take the memory that counting them is to save. */
function guardParser(json: Uint8Array): void {
  const most = DECODE_LIMITS.valuesPerRecord;
  if (json.length > 2 * most && countValues(json) > most) throw tooManyValues();
}

/** Right for JSON: a value has before it a comma, or the opening bracket of what it is the first in, or nothing. */
function countValues(json: Uint8Array): number {
  let values = 1;
  let opened = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] as number;
    if (byte <= (SPACE as number)) continue;
    if (byte === COMMA || (opened && byte !== END_OF_LIST && byte !== END_OF_OBJECT)) values++;
    opened = byte === LIST || byte === OBJECT;
    if (byte === QUOTE) at = endOfText(json, at);
  }
  return values;
}

/** Index of the quote that closes the text that `start` opens, or the length. */
function endOfText(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** Refuses what pure code, marshallers and DynamoDB must never meet, and counts the values. Iterative: the input decides the depth. */
function inspect(root: unknown, checkStrings: boolean): number {
  let level: readonly unknown[] = [root];
  let values = 0;
  for (let depth = 1; level.length > 0; depth++) {
    values += level.length;
    if (values > DECODE_LIMITS.valuesPerRecord) throw tooManyValues();
    const next: unknown[] = [];
    for (const node of level) {
      if (typeof node === 'object' && node !== null) {
        if (depth > DECODE_LIMITS.depth) throw tooDeep();
        for (const part of partsOf(node, checkStrings)) next.push(part);
      } else checkLeaf(node, checkStrings);
    }
    level = next;
  }
  return values;
}

/** The bounds of JSON, for a value that was read from another format. Returns the number of values. Throws Undecodable. */
export const inspectValue = (value: unknown): number => inspect(value, true);

export const tooManyValues = (): Undecodable =>
  new Undecodable('record.too-many-values', `More than ${DECODE_LIMITS.valuesPerRecord} JSON values in one record`);

const tooDeep = (): Undecodable =>
  new Undecodable('record.too-deep', `JSON nested deeper than ${DECODE_LIMITS.depth} levels`);

function partsOf(node: object, checkNames: boolean): readonly unknown[] {
  if (Array.isArray(node)) return node;
  if (Object.hasOwn(node, '__proto__')) throw new Undecodable('record.forbidden-key', 'A member is called __proto__');
  if (checkNames) Object.keys(node).forEach(checkUnicode);
  return Object.values(node);
}

function checkLeaf(value: unknown, checkStrings: boolean): void {
  if (typeof value === 'number') checkNumber(value);
  else if (checkStrings) checkUnicode(value);
}

function checkNumber(value: number): void {
  if (isExactNumber(value)) return;
  throw new Undecodable(
    'record.inexact-number',
    'A number cannot be kept exactly: send identifiers and large numbers as text',
  );
}

function checkUnicode(value: unknown): void {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new Undecodable('record.invalid-utf8', 'A string holds half a surrogate pair');
  }
}
