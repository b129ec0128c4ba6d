import { gzipSync } from 'node:zlib';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import { OversizeEventError } from './errors.ts';
import type { Encoded, Item } from './item.ts';

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

/** What a record that is a list of several events holds so far. */
interface Load {
  readonly count: number;
  readonly bytes: number;
  readonly values: number;
  readonly depth: number;
}

/** How many of the items from index `start` on go into one record: always the first, and as many as follow without breaking a bound. */
export function fitting(items: readonly Item[], start: number, keyBytes: number, bounds: PackingBounds): number {
  let load: Load = { count: 0, bytes: keyBytes + BRACKETS - COMMA, values: 1, depth: 0 };
  for (let at = start; at < items.length; at++) {
    const { encoded } = items[at] as Item;
    load = added(load, encoded);
    const isBytes = typeof encoded.body !== 'string';
    if (at > start && (isBytes || !isWithin(load, bounds))) return at - start;
    if (isBytes) return 1;
  }
  return items.length - start;
}

const added = (load: Load, { count, bytes, values, depth }: Encoded): Load => ({
  count: load.count + count,
  bytes: load.bytes + COMMA + bytes,
  values: load.values + values,
  depth: Math.max(load.depth, depth + 1),
});

const isWithin = ({ count, bytes, values, depth }: Load, bounds: PackingBounds): boolean =>
  count <= bounds.events && bytes <= bounds.bytes && values <= RECORD_LIMITS.values && depth <= RECORD_LIMITS.depth;

/** The data of a record: an event as it is, several as a CloudEvents batch. The items give their bodies away. */
export function pack(items: readonly Item[], gzip: boolean): Uint8Array {
  const [only] = items;
  if (items.length > 1 || only === undefined || only.encoded.count > 1) return compressed(batchOf(items), gzip);
  const body = only.takeBody();
  return typeof body === 'string' ? compressed(Buffer.from(body), gzip) : body;
}

/** Written piece by piece, which copies each text once. */
function batchOf(items: readonly Item[]): Buffer {
  const length = items.reduce((sum, { encoded }) => sum + COMMA + encoded.bytes, BRACKETS - COMMA);
  const batch = Buffer.allocUnsafe(length);
  let at = 0;
  for (const item of items) {
    batch[at] = at === 0 ? OPEN : SEPARATOR;
    at += 1 + batch.write(item.takeBody() as string, at + 1);
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
  const { body, count, bytes, values, partitionKey } = encoded;
  const isBatch = count > 1;
  if (count > RECORD_LIMITS.events) throw tooLarge(encoded, count, RECORD_LIMITS.events, 'events');
  if (values + (isBatch ? 1 : 0) > RECORD_LIMITS.values) {
    throw tooLarge(encoded, values, RECORD_LIMITS.values, 'values');
  }
  const whole = bytes + (isBatch ? BRACKETS : 0);
  const room = RECORD_LIMITS.bytes - Buffer.byteLength(partitionKey);
  if (whole <= room) return encoded;
  const isExpandable = gzip && typeof body === 'string' && whole <= RECORD_LIMITS.expandedBytes;
  const small = isExpandable ? gzipSync(isBatch ? `[${body}]` : body) : undefined;
  if (small === undefined || small.length > room) throw tooLarge(encoded, whole, room, 'bytes');
  return { ...encoded, body: small, bytes: small.length };
}

function tooLarge({ events }: Encoded, size: number, limit: number, unit: OversizeEventError['unit']): Error {
  const [first] = events;
  const what = events.length === 1 ? `The event of type ${first?.type}` : `${events.length} events to travel together`;
  return new OversizeEventError(what, size, limit, unit);
}
