import { RECORD_LIMITS } from '../../core/record-limits.ts';

/**
 * Bounds of what one record may expand to: those that producers keep, and what decoding needs besides. A record has at most 1 MiB, an invoke
 * at most 6 MB; with these bounds a full invoke of hostile records stays within a function of 256 MB (test/e2e/memory.test.ts).
 */
export const DECODE_LIMITS = {
  expandedBytes: RECORD_LIMITS.expandedBytes,
  eventsPerRecord: RECORD_LIMITS.events,
  valuesPerRecord: RECORD_LIMITS.values,
  depth: RECORD_LIMITS.depth,
  /** What a value weighs at least where decoded bytes are counted. Those of ordinary events are longer. */
  bytesPerValue: 16,
  /** Decoded bytes that are folded at a time: a batch that expands beyond is folded in slices, each with its own commits. */
  sliceBytes: 8 * 1024 * 1024,
} as const;
