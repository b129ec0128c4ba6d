/** A record on its way into a stream. */
export interface Outgoing {
  /** At most 256 characters. */
  readonly partitionKey: string;
  /** With the partition key at most RECORD_BYTES. */
  readonly data: Uint8Array;
}

/** Most bytes of a record's data and partition key together: the stream's `maxRecordSize`. */
export const RECORD_BYTES = 1024 * 1024;

/** Most characters of a partition key. */
export const PARTITION_KEY_LENGTH = 256;

/** What a record takes of a request's and a record's bound. */
export const sizeOf = ({ partitionKey, data }: Outgoing): number => data.length + Buffer.byteLength(partitionKey);
