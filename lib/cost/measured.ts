/**
 * What was measured of a batch (docs/performance.md, quick run of 21 November 2026). Every figure about load in docs/scale.md and in
 * `millrace cost` comes from here.
 */
export const MEASURED = {
  /** Write units of a put of a row, its index entries apart. */
  writeUnitsPerPut: 1.124,
  /** Write units of index entries per event. */
  indexUnitsPerEvent: 0.004,
  /** An eventually consistent read of a row of up to 4 KB. */
  readUnitsPerPut: 0.5,
  cpuMicrosPerEvent: 203,
  /** Write units per event of Powertools with idempotency, ordered: for comparison. */
  powertoolsWriteUnits: 2.968,
  /** Bytes of a `profile.updated` in its record, rounded up. */
  updateBytes: 1_024,
  /** Of both log lines of an invocation of one event: 1,382 on average of 40, and 26 that CloudWatch counts besides for each line. */
  logBytesPerInvocation: 1_434,
} as const;

/** Users who are active in a lane at a time. How often each is follows Zipf's law with exponent 1. */
const KEYS_PER_LANE = 1_000;

const weights = Array.from({ length: KEYS_PER_LANE }, (_, rank) => 1 / (rank + 1));
const total = weights.reduce((sum, weight) => sum + weight, 0);

/** Distinct keys per event among `events` of a lane, each drawn by chance: the least number of puts per event. */
export function putsPerEvent(events: number): number {
  if (events <= 1) return 1;
  const distinct = weights.reduce((sum, weight) => sum + 1 - (1 - weight / total) ** events, 0);
  return distinct / events;
}
