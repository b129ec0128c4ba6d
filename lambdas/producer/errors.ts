import type { CloudEvent } from '../core/event.ts';
import type { StreamRecord } from './record.ts';

/** The event is none, or its data break their schema. It was not sent, and never can be as it is. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError';
  readonly code = 'producer.invalid-event';
  /** `path: what is wrong`, without the values, which may be personal data. */
  readonly issues: readonly string[];

  constructor(what: string, issues: readonly string[]) {
    super(`${what}: ${issues.join('; ')}`);
    this.issues = issues;
  }
}

/** No record holds the event, or the events that were to travel together. */
export class OversizeEventError extends Error {
  override readonly name = 'OversizeEventError';
  readonly code = 'producer.oversize-event';
  /** What it would take, and what there is, in `unit`. */
  readonly size: number;
  readonly limit: number;
  readonly unit: 'bytes' | 'events' | 'values';

  constructor(what: string, size: number, limit: number, unit: OversizeEventError['unit']) {
    const room =
      unit === 'bytes' ? `a record of 1 MiB has room for ${limit} beside its key` : `a record holds ${limit}`;
    super(`${what} takes ${size} ${unit}, and ${room}: send less of it, or a pointer to it`);
    this.size = size;
    this.limit = limit;
    this.unit = unit;
  }
}

/** The producer is closed. */
export class ProducerClosedError extends Error {
  override readonly name = 'ProducerClosedError';
  readonly code = 'producer.closed';

  constructor() {
    super('The producer is closed: nothing can be sent with it any more');
  }
}

/** Why the stream did not take a record. */
export interface DeliveryFailure {
  /**
   * `throttled` and `unavailable` would pass, but did not in time; `refused` would not: the stream is not there, or not allowed, for example;
   * `aborted`: the producer's signal, or that of `close`.
   */
  readonly kind: 'throttled' | 'unavailable' | 'refused' | 'aborted';
  readonly message: string;
  /** What the client threw, or the reason of the signal. */
  readonly cause: unknown;
}

/** What was accepted by `send`, and is not known to be in the stream. */
export interface Undelivered {
  readonly partitionKey: string;
  /** Empty if it is a record of the caller's own making. */
  readonly events: readonly CloudEvent[];
  readonly record?: StreamRecord;
  readonly failure: DeliveryFailure;
  /** Whether it may be in the stream all the same: an answer was lost, or not waited for. Sent again under its id, it does no harm. */
  readonly inDoubt: boolean;
}

/**
 * Events that were accepted, and could not be delivered, in the order in which they were sent. Their keys' later events were held back and are among them, so that sending them again in this
 * order keeps every key's order. Until `flush` or `close` has handed them over, `send` refuses more.
 */
export class UndeliveredError extends Error {
  override readonly name = 'UndeliveredError';
  readonly code = 'producer.undelivered';
  readonly undelivered: readonly Undelivered[];

  constructor(undelivered: readonly Undelivered[]) {
    const [first] = undelivered;
    super(
      `${undelivered.length} sent to the producer could not be delivered (${first?.failure.message ?? 'no reason'}): take them from flush() or close(), and send them again`,
      { cause: first?.failure.cause },
    );
    this.undelivered = undelivered;
  }
}
