/**
 * What one Kinesis record may hold, for whoever writes it and whoever reads it. A producer that keeps these bounds is never rejected for its
 * packing; a consumer that enforces them needs a bounded memory for a record, whoever wrote it.
 */
export const RECORD_LIMITS = {
  /** Data and partition key together: the streams' `maxRecordSize`. */
  bytes: 1024 * 1024,
  /** Characters of a partition key (PutRecords). */
  partitionKeyLength: 256,
  /** Bytes of a record's data after gzip. */
  expandedBytes: 4 * 1024 * 1024,
  /** Events in one record, over all of its user records. */
  events: 10_000,
  /** Values (texts, numbers, lists, objects) in the JSON of one record: in memory each takes up to some 70 bytes, however short its text. */
  values: 256 * 1024,
  /** Levels of arrays and objects. DynamoDB nests 32, and what an event carries may end up in an effect, five levels down in its row. */
  depth: 24,
} as const;
