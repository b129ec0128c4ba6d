import { gunzipSync } from 'node:zlib';
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

/** The parsed JSON of a record or user record, gunzipped if need be, with the number of bytes it took. Throws Undecodable. */
export function parsePayload(data: Uint8Array): { readonly value: unknown; readonly bytes: number } {
  if (data.length === 0) throw new Undecodable('record.empty', 'The record has no bytes');
  const plain = isGzip(data) ? gunzip(data) : data;
  const text = decodeUtf8(plain);
  const value = parseJson(text);
  // Raw text was valid UTF-8, so half a surrogate pair can only come from an escape.
  inspect(value, text.includes('\\u'));
  return { value, bytes: plain.length };
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

/** Refuses what pure code, marshallers and DynamoDB must never meet. Iterative: the input decides the depth. */
function inspect(root: unknown, checkStrings: boolean): void {
  let level: readonly unknown[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const node of level) {
      if (typeof node === 'object' && node !== null) {
        if (depth > DECODE_LIMITS.depth) throw tooDeep();
        for (const part of partsOf(node, checkStrings)) next.push(part);
      } else if (checkStrings) checkUnicode(node);
    }
    level = next;
  }
}

const tooDeep = (): Undecodable =>
  new Undecodable('record.too-deep', `JSON nested deeper than ${DECODE_LIMITS.depth} levels`);

/** What an object or list holds; names of members among it if they are to be looked at. */
function partsOf(node: object, names: boolean): readonly unknown[] {
  if (Array.isArray(node)) return node;
  if (Object.hasOwn(node, '__proto__')) throw new Undecodable('record.forbidden-key', 'A member is called __proto__');
  return names ? Object.entries(node).flat() : Object.values(node);
}

function checkUnicode(value: unknown): void {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new Undecodable('record.invalid-utf8', 'A string holds half a surrogate pair');
  }
}
