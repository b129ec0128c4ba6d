import * as z from 'zod';
import { RECORD_LIMITS } from '../core/record-limits.ts';

/**
 * One PutRecords request (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html): 500 records, and 10 MiB of data and
 * partition keys, of which a margin is kept, since a request beyond fails as a whole.
 */
const CALL_LIMITS = { records: 500, bytes: 10 * 1024 * 1024 - 512 * 1024 } as const;

const whole = (least: number, most: number) => z.int().min(least).max(most);

/** How a producer batches, buffers and retries. Every setting has a default that suits most. */
export const settingsSchema = z.strictObject({
  /**
   * Milliseconds for which an event waits for others, most of all for those of its own key, which share its record. Events that waited for half
   * of it go along when a call is made anyway. 0 sends at once.
   */
  lingerMs: whole(0, 60_000).default(100),
  /** Records of one call. */
  callRecords: whole(1, CALL_LIMITS.records).default(CALL_LIMITS.records),
  /** Bytes of one call, data and partition keys. */
  callBytes: whole(RECORD_LIMITS.bytes, CALL_LIMITS.bytes).default(4 * 1024 * 1024),
  /** Calls under way at a time, each with keys of its own. */
  concurrency: whole(1, 64).default(4),
  /** Events packed into one record. */
  recordEvents: whole(1, RECORD_LIMITS.events).default(500),
  /**
   * Bytes of JSON and partition key up to which events are packed into one record. A larger event goes alone, up to a record's limit. The default
   * is two of the 25 KiB units that a provisioned stream bills, and a twentieth of what a shard takes in a second.
   */
  recordBytes: whole(1, RECORD_LIMITS.bytes).default(50 * 1024),
  /** Compresses records of a kibibyte or more if that makes them smaller. Whoever reads the stream must know gzip, as Millrace does. */
  gzip: z.boolean().default(false),
  /** Events that may wait or be under way; beyond, `send` waits. */
  bufferEvents: whole(1, 100_000_000).default(10_000),
  /** Bytes of JSON that may wait or be under way; beyond, `send` waits. */
  bufferBytes: whole(1, Number.MAX_SAFE_INTEGER).default(16 * 1024 * 1024),
  /** Milliseconds after the first attempt at a record after which no other is made. */
  deliveryTimeoutMs: whole(1, Number.MAX_SAFE_INTEGER).default(120_000),
  /** Attempts at one record. Left out: as many as `deliveryTimeoutMs` allows. */
  attempts: whole(1, 1_000_000).optional(),
  /** Whether shards that throttle are written to more slowly for a while. */
  paceShards: z.boolean().default(true),
  /** Milliseconds after which a call without an answer is given up, and its records are sent again. */
  callTimeoutMs: whole(1, 600_000).default(15_000),
});

export type SettingsInput = z.input<typeof settingsSchema>;
export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** @throws RangeError that names each setting that is wrong and what it may be. */
export function settingsOf(input: SettingsInput): Settings {
  const parsed = settingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
  throw new RangeError(`Producer settings that cannot be used: ${problems.join('; ')}`);
}
