import { gzipSync } from 'node:zlib';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import { OversizeEventError } from './errors.ts';
import { bodyOf, type Encoded, type Item } from './item.ts';

/** Compression cannot pay below: on-demand streams bill every record as a kibibyte at least. */
const LEAST_GZIP_BYTES = 1024;
const BRACKETS = 2;
const COMMA = 1;
const [OPEN, SEPARATOR, CLOSE] = ['[', ',', ']'].map((mark) => mark.charCodeAt(0)) as [number, number, number];

/** How far items are packed into one record. */
export interface PackingBounds {
  readonly events: number;
  /** JSON and partition key. */
  readonly bytes: number;
}

/** How many of the items from index `start` on go into one record: always the first, and as many as follow without breaking a bound. */
export function fitting(items: readonly Item[], start: number, keyBytes: number, bounds: PackingBounds): number {
  const load = { events: 0, bytes: keyBytes + BRACKETS - COMMA, values: 1 };
  let at = start;
  for (; at < items.length; at++) {
    const { body, count, bytes, values, depth } = (items[at] as Item).encoded;
    const isBytes = typeof body !== 'string';
    load.events += count;
    load.bytes += COMMA + bytes;
    load.values += values;
    const fits =
      !isBytes &&
      load.events <= bounds.events &&
      load.bytes <= bounds.bytes &&
      load.values <= RECORD_LIMITS.values &&
      depth < RECORD_LIMITS.depth;
    if (!fits) break;
  }
  return Math.max(1, at - start);
}

/** The data of a record: an event as it is, several as a CloudEvents batch. The items give their bodies away. */
export function pack(items: readonly Item[], gzip: boolean): Uint8Array {
  const [only] = items;
  if (items.length > 1 || only === undefined || only.encoded.count > 1) return compressed(batchOf(items), gzip);
  const body = only.takeBody();
  return typeof body === 'string' ? compressed(Buffer.from(body), gzip) : body;
}

function batchOf(items: readonly Item[]): Buffer {
  const length = items.reduce((sum, { encoded }) => sum + COMMA + encoded.bytes, BRACKETS - COMMA);
  const batch = Buffer.allocUnsafe(length);
  let at = 0;
  for (const item of items) {
    batch[at] = at === 0 ? OPEN : SEPARATOR;
    at = item.writeBody(batch, at + 1);
  }
  batch[at] = CLOSE;
  // What is not written over is left of something else in this process.
  if (at + 1 !== length) throw new Error(`A batch of ${at + 1} bytes was to have ${length}`);
  return batch;
}

function compressed(plain: Buffer, gzip: boolean): Uint8Array {
  if (!gzip || plain.length < LEAST_GZIP_BYTES) return plain;
  const smaller = gzipSync(plain);
  return smaller.length < plain.length ? smaller : plain;
}

/**
 * What was encoded, as it can travel: as it is, or, if only compression makes it fit, compressed at once.
 *
 * @throws OversizeEventError if no record holds it.
 */
export function sized(encoded: Encoded, gzip: boolean): Encoded {
  const { count, bytes, values, partitionKey } = encoded;
  const isBatch = count > 1;
  if (count > RECORD_LIMITS.events) throw tooLarge(encoded, count, RECORD_LIMITS.events, 'events');
  if (values + (isBatch ? 1 : 0) > RECORD_LIMITS.values) {
    throw tooLarge(encoded, values, RECORD_LIMITS.values, 'values');
  }
  const whole = bytes + (isBatch ? BRACKETS : 0);
  const room = RECORD_LIMITS.bytes - Buffer.byteLength(partitionKey);
  if (whole <= room) return encoded;
  const { head, ...rest } = encoded;
  const body = bodyOf(encoded);
  const isExpandable = gzip && typeof body === 'string' && whole <= RECORD_LIMITS.expandedBytes;
  const small = isExpandable ? gzipSync(isBatch ? `[${body}]` : body) : undefined;
  if (small === undefined || small.length > room) throw tooLarge(encoded, whole, room, 'bytes');
  return { ...rest, body: small, bytes: small.length };
}

function tooLarge({ events }: Encoded, size: number, limit: number, unit: OversizeEventError['unit']): Error {
  const [first] = events;
  const what = events.length === 1 ? `The event of type ${first?.type}` : `${events.length} events to travel together`;
  return new OversizeEventError(what, size, limit, unit);
}
