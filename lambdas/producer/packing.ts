import { gzipSync } from 'node:zlib';
import { RECORD_LIMITS } from '../core/record-limits.ts';
import { OversizeEventError } from './errors.ts';
import type { Encoded, Item } from './item.ts';

/** Compression cannot pay below: on-demand streams bill every record as a kibibyte at least. */
const LEAST_GZIP_BYTES = 1024;
const BRACKETS = 2;
const COMMA = 1;

/** How far items are packed into one record. */
export interface PackingBounds {
  readonly events: number;
  /** JSON and partition key. */
  readonly bytes: number;
}

/** What a record with several items holds so far. */
interface Load {
  readonly count: number;
  readonly bytes: number;
  readonly values: number;
  readonly depth: number;
}

/** How many of the first items go into one record: always the first, and as many as follow without breaking a bound. */
export function fitting(items: Iterable<Item>, keyBytes: number, bounds: PackingBounds): number {
  let load: Load | undefined;
  let fit = 0;
  for (const { encoded } of items) {
    const next = load === undefined ? first(encoded, keyBytes) : added(load, encoded);
    if (fit > 0 && !isWithin(next, bounds)) break;
    fit++;
    if (typeof encoded.body !== 'string') break;
    load = next;
  }
  return fit;
}

const first = ({ count, bytes, values, depth }: Encoded, keyBytes: number): Load => ({
  count,
  bytes: bytes + keyBytes + BRACKETS,
  values: values + 1,
  depth: depth + 1,
});

const added = (load: Load, { body, count, bytes, values, depth }: Encoded): Load => ({
  count: load.count + count,
  bytes: load.bytes + COMMA + (typeof body === 'string' ? bytes : Number.POSITIVE_INFINITY),
  values: load.values + values,
  depth: Math.max(load.depth, depth + 1),
});

const isWithin = ({ count, bytes, values, depth }: Load, bounds: PackingBounds): boolean =>
  count <= bounds.events && bytes <= bounds.bytes && values <= RECORD_LIMITS.values && depth <= RECORD_LIMITS.depth;

/** The data of a record: an event as it is, several as a CloudEvents batch. The items give their bodies away. */
export function pack(items: readonly Item[], gzip: boolean): Uint8Array {
  const [only] = items;
  const isBatch = items.length > 1 || (only !== undefined && only.encoded.count > 1);
  const bodies = items.map((item) => item.takeBody());
  if (bodies.length === 1 && typeof bodies[0] === 'object') return bodies[0];
  const text = bodies.join(',');
  const plain = Buffer.from(isBatch ? `[${text}]` : text);
  return gzip ? compressed(plain) : plain;
}

function compressed(plain: Buffer): Uint8Array {
  if (plain.length < LEAST_GZIP_BYTES) return plain;
  const smaller = gzipSync(plain);
  return smaller.length < plain.length ? smaller : plain;
}

/**
 * What was encoded, as it can travel: as it is, or, if only compression makes it fit, compressed at once.
 *
 * @param what names it in the error.
 * @throws OversizeEventError if no record holds it.
 */
export function sized(encoded: Encoded, gzip: boolean, what: string): Encoded {
  const { body, count, bytes, values, partitionKey } = encoded;
  const brackets = count > 1 ? BRACKETS : 0;
  if (count > RECORD_LIMITS.events) throw new OversizeEventError(what, count, RECORD_LIMITS.events, 'events');
  if (values + (count > 1 ? 1 : 0) > RECORD_LIMITS.values) {
    throw new OversizeEventError(what, values, RECORD_LIMITS.values, 'values');
  }
  const room = RECORD_LIMITS.bytes - Buffer.byteLength(partitionKey);
  if (bytes + brackets <= room) return encoded;
  const isExpandable = gzip && typeof body === 'string' && bytes + brackets <= RECORD_LIMITS.expandedBytes;
  const small = isExpandable ? gzipSync(count > 1 ? `[${body}]` : body) : undefined;
  if (small === undefined || small.length > room) {
    throw new OversizeEventError(what, bytes + brackets, room, 'bytes');
  }
  return { ...encoded, body: small, bytes: small.length };
}
