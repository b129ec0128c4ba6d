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
  const value = parseJson(decodeUtf8(plain));
  inspect(value);
  return { value, bytes: plain.length };
}

const isGzip = (data: Uint8Array): boolean => data[0] === 0x1f && data[1] === 0x8b;

function gunzip(data: Uint8Array): Uint8Array {
  try {
    return gunzipSync(data, { maxOutputLength: DECODE_LIMITS.expandedBytes });
  } catch (error) {
    if (error instanceof RangeError) {
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

/** Refuses what pure code and marshallers further on must never meet. Iterative: the input decides the depth. */
function inspect(root: unknown): void {
  let level: object[] = isObject(root) ? [root] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DECODE_LIMITS.depth) {
      throw new Undecodable('record.too-deep', `JSON nested deeper than ${DECODE_LIMITS.depth} levels`);
    }
    const next: object[] = [];
    for (const node of level) {
      if (Object.hasOwn(node, '__proto__'))
        throw new Undecodable('record.forbidden-key', 'A member is called __proto__');
      for (const child of Array.isArray(node) ? node : Object.values(node)) if (isObject(child)) next.push(child);
    }
    level = next;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
