import type { Unread } from './model.ts';

const HOUR_MS = 3_600_000;

/** What tells how far a system is behind. All times in epoch milliseconds. */
export interface Evidence {
  readonly nowMs: number;
  readonly retentionHours: number;
  /** By shard: age of the first record after its checkpoint, 0 if there is none, undefined if nothing is known of the shard. */
  readonly behindMs: readonly (number | undefined)[];
  /** Lambda's iterator age: what it handed to the function at `atMs` had arrived `ms` before. */
  readonly iteratorAge?: { readonly atMs: number; readonly ms: number };
}

/**
 * The oldest record that may be unread, and when it expires. A checkpoint tells of the furthest lane of a shard and the iterator age of the
 * slowest one lately, so the older of both counts: rather too early than too late.
 */
export function unreadOf({ nowMs, retentionHours, behindMs, iteratorAge }: Evidence): Unread {
  const arrivals = behindMs.flatMap((ms) => (ms === undefined || ms === 0 ? [] : [nowMs - ms]));
  if (iteratorAge !== undefined) arrivals.push(iteratorAge.atMs - iteratorAge.ms);
  const unknown = behindMs.filter((ms) => ms === undefined).length;
  if (arrivals.length === 0) return { kind: unknown > 0 ? 'unknown' : 'none' };
  const arrivedMs = Math.min(...arrivals);
  const expiresMs = arrivedMs + retentionHours * HOUR_MS;
  return {
    kind: 'some',
    arrivedAt: new Date(arrivedMs).toISOString(),
    expiresAt: new Date(expiresMs).toISOString(),
    hoursLeft: Math.max(0, (expiresMs - nowMs) / HOUR_MS),
    // The iterator age is of the slowest lane of any shard.
    unknownShards: iteratorAge === undefined ? unknown : 0,
  };
}
