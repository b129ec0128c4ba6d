/**
 * Bounds of what one record may expand to. A record has at most 1 MiB, an invoke at most 6 MB; with these bounds a full invoke of hostile
 * records stays within a function of 256 MB (test/e2e/memory.test.ts).
 */
export const DECODE_LIMITS = {
  /** Bytes of one record after gzip. */
  expandedBytes: 4 * 1024 * 1024,
  /** Events in one record, over all of its user records. */
  eventsPerRecord: 10_000,
  /** Values (texts, numbers, lists, objects) in the JSON of one record: in memory each takes up to some 70 bytes, however short its text. */
  valuesPerRecord: 256 * 1024,
  /** Levels of arrays and objects. DynamoDB nests 32, and what an event carries may end up in an effect, five levels down in its row. */
  depth: 24,
  /** What a value weighs at least where decoded bytes are counted. Those of ordinary events are longer. */
  bytesPerValue: 16,
  /** Decoded bytes that are folded at a time: a batch that expands beyond is folded in slices, each with its own commits. */
  sliceBytes: 8 * 1024 * 1024,
} as const;
