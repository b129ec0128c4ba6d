import { passingCode } from '../aws/service-errors.ts';
import type { CallResult } from './call.ts';
import type { Packet } from './lane.ts';
import type { PacedShard } from './pacing.ts';
import { RecordError } from './record.ts';

/** What a producer has done since it was made. Events count by ones, also those that travel together; a record of the caller's own making is one. */
export interface ProducerCounts {
  /** Accepted by `send`. */
  accepted: number;
  /** Known to be in the stream. */
  delivered: number;
  /** Given up, and handed over by `flush` or `close`. */
  undelivered: number;
  /** Refused by `send`: no valid event. */
  invalid: number;
  /** Refused by `send`: larger than a record. */
  oversize: number;
  /** To be sent once more because no answer says what became of them: the stream may hold each of them twice, under one id. */
  repeated: number;
  /** Records in the stream, and their bytes of data and partition keys. */
  records: number;
  bytes: number;
  /** Requests made, and how many of them failed as a whole or were never answered. */
  calls: number;
  failedCalls: number;
  /** Entries of answered calls that the stream did not take, and those of them that it throttled. */
  failedRecords: number;
  throttledRecords: number;
}

/** A snapshot. */
export interface ProducerMetrics extends Readonly<ProducerCounts> {
  /** What waits or is under way. */
  readonly buffered: { readonly events: number; readonly bytes: number };
  /** Shards that have throttled and are written to more slowly. */
  readonly pacedShards: readonly PacedShard[];
}

/** What came of one call. */
export interface CallReport {
  readonly records: number;
  readonly events: number;
  readonly bytes: number;
  readonly deliveredRecords: number;
  readonly deliveredEvents: number;
  readonly throttledRecords: number;
  /** Why it failed as a whole. */
  readonly error?: unknown;
  /** Milliseconds from request to answer. */
  readonly elapsedMs: number;
}

export const zeroCounts = (): ProducerCounts => ({
  accepted: 0,
  delivered: 0,
  undelivered: 0,
  invalid: 0,
  oversize: 0,
  repeated: 0,
  records: 0,
  bytes: 0,
  calls: 0,
  failedCalls: 0,
  failedRecords: 0,
  throttledRecords: 0,
});

export function reportOf(packets: readonly Packet[], result: CallResult, elapsedMs: number): CallReport {
  const { answers = [] } = result;
  const delivered = packets.filter((_, nth) => answers[nth] !== undefined && !(answers[nth] instanceof RecordError));
  const isThrottled = (answer: unknown): boolean =>
    answer instanceof RecordError && passingCode(answer.name) === 'throttled';
  return {
    records: packets.length,
    events: eventsOf(packets),
    bytes: packets.reduce((sum, { bytes }) => sum + bytes, 0),
    deliveredRecords: delivered.length,
    deliveredEvents: eventsOf(delivered),
    throttledRecords: answers.filter(isThrottled).length,
    ...(result.answers === undefined ? { error: result.error } : {}),
    elapsedMs,
  };
}

const eventsOf = (packets: readonly Packet[]): number => packets.reduce((sum, { events }) => sum + events, 0);
