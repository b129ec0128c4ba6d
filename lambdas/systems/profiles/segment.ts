import { minorUnitsPerUnit } from './currency.ts';
import { SEGMENT_INDEX } from './system.ts';

/** Spend bands, so that the analysts' index changes rarely: a profile moves up at most three times. */
export const SEGMENTS = ['none', 'low', 'medium', 'high'] as const;
export type Segment = (typeof SEGMENTS)[number];

/** Segments that the index holds. Who never bought is not in it: most rows are, and would pay an index write for nothing. */
export const LISTED_SEGMENTS = ['low', 'medium', 'high'] as const satisfies readonly Segment[];

/** From how many units of a currency (not minor units) a band begins. */
const MEDIUM_FROM = 50;
const HIGH_FROM = 200;

/** The band of a spend in minor units by currency: the highest that any one currency reaches, since currencies do not add up. */
export function segmentOf(totalSpend: Readonly<Record<string, number>>): Segment {
  const most = Math.max(
    0,
    ...Object.entries(totalSpend).map(([currency, spent]) => spent / minorUnitsPerUnit(currency)),
  );
  if (most >= HIGH_FROM) return 'high';
  if (most >= MEDIUM_FROM) return 'medium';
  return most > 0 ? 'low' : 'none';
}

/** The index partition of a user in a segment: `high#07`. */
export function segmentShard(segment: Segment, userId: string): string {
  return shardName(segment, fnv1a(userId) % SEGMENT_INDEX.shards);
}

/** All index partitions of a segment: a list of it asks each. */
export const segmentShards = (segment: Segment): readonly string[] =>
  Array.from({ length: SEGMENT_INDEX.shards }, (_, shard) => shardName(segment, shard));

const shardName = (segment: Segment, shard: number): string => `${segment}#${String(shard).padStart(2, '0')}`;

/** FNV-1a, 32 bits, over UTF-16 code units: spreads users evenly, and is the same wherever it is computed. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
