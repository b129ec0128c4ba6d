/** A record on its way into a stream. */
export interface StreamRecord {
  /** 1 to 256 characters. */
  readonly partitionKey: string;
  /** With the partition key at most 1 MiB. */
  readonly data: Uint8Array;
}

/** Where the stream holds a record. */
export interface Delivery {
  readonly shardId: string;
  readonly sequenceNumber: string;
}

/** An entry of a call that the stream did not take. `name` is the service's error code. */
export class RecordError extends Error {
  /** The shard that the service names in its message, as it does when it throttles. */
  readonly shardId: string | undefined;

  constructor(code: string, message: string) {
    super(message);
    this.name = code;
    this.shardId = /\bshardId-\d{12}\b/.exec(message)?.[0];
  }
}

/**
 * Puts records of distinct partition keys, as one request.
 *
 * @returns an answer for each record, in the same order.
 * @throws what the client throws if the request fails as a whole, or its answer is lost.
 */
export type PutRecords = (
  records: readonly StreamRecord[],
  signal: AbortSignal,
) => Promise<readonly (Delivery | RecordError)[]>;
