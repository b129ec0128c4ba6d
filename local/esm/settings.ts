import { MappingSettingError } from './errors.ts';
import { MAX_INVOKE_PAYLOAD_BYTES } from './payload.ts';
import type { MappingSettings } from './types.ts';

/** What AWS decides itself and does not document, or what depends on the machine. All times in milliseconds. */
export interface EngineOptions {
  /** Pause between reads of a shard that has nothing more. AWS polls once per second. */
  readonly pollIntervalMs?: number;
  /** Pause between shard listings, which find new shards; a shard read to its end causes one at once. */
  readonly shardListIntervalMs?: number;
  /** Delay before the first retry; doubles with each further one in a row, up to `retryCapMs`. */
  readonly retryBaseMs?: number;
  readonly retryCapMs?: number;
  /** In [0, 1): the share of the second half of a backoff that is waited. Absent: always the whole backoff. */
  readonly jitter?: () => number;
  /** Records of a shard held above its checkpoint; while there are so many, the shard is not read. */
  readonly bufferRecords?: number;
  /** The same in bytes of invoke payload; one read may go beyond it. */
  readonly bufferBytes?: number;
  /** Most records asked for in one read; GetRecords gives 10,000 at most. */
  readonly readLimit?: number;
}

/** Checked settings with every option filled in. */
export interface Mapping extends MappingSettings, Required<EngineOptions> {}

interface IntegerRange {
  readonly least: number;
  readonly most: number;
  readonly unlimited?: -1;
  readonly unit?: string;
}

/** The ranges of CreateEventSourceMapping. */
const MAPPING_RANGES = {
  batchSize: { least: 1, most: 10_000 },
  maximumBatchingWindowInSeconds: { least: 0, most: 300, unit: 's' },
  parallelizationFactor: { least: 1, most: 10 },
  maximumRetryAttempts: { least: 0, most: 10_000, unlimited: -1 },
  maximumRecordAgeInSeconds: { least: 60, most: 604_800, unlimited: -1, unit: 's' },
} as const satisfies Partial<Record<keyof MappingSettings, IntegerRange>>;

const OPTION_RANGES = {
  pollIntervalMs: { least: 1, most: 60_000, unit: 'ms' },
  shardListIntervalMs: { least: 1, most: 3_600_000, unit: 'ms' },
  retryBaseMs: { least: 1, most: 60_000, unit: 'ms' },
  retryCapMs: { least: 1, most: 3_600_000, unit: 'ms' },
  bufferRecords: { least: 1, most: 10_000_000 },
  bufferBytes: { least: 1, most: Number.MAX_SAFE_INTEGER, unit: 'bytes' },
  readLimit: { least: 1, most: 10_000 },
} as const satisfies Partial<Record<keyof EngineOptions, IntegerRange>>;

const STREAM_ARN = /^arn:[a-z0-9-]+:kinesis:[a-z0-9-]+:\d{12}:stream\/[\w.-]+$/;
const FUNCTION_ARN = /^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const DESTINATION_ARN = /^arn:[a-z0-9-]+:(sqs|sns|s3):/;

/**
 * Checks the settings and fills in the options.
 *
 * @throws MappingSettingError that names the first setting outside of AWS's range, its value and the range.
 */
export function resolveMapping(settings: MappingSettings, options: EngineOptions = {}): Mapping {
  for (const [name, range] of Object.entries(MAPPING_RANGES)) {
    checkInteger(name, settings[name as keyof typeof MAPPING_RANGES], range);
  }
  checkArn('streamArn', settings.streamArn, STREAM_ARN, 'the ARN of a Kinesis stream');
  checkArn('functionArn', settings.functionArn, FUNCTION_ARN, 'the ARN of a Lambda function');
  checkStartingPosition(settings.startingPosition);
  checkDestination(settings.onFailureArn);
  const mapping = { ...settings, ...withDefaults(settings, options) };
  for (const [name, range] of Object.entries(OPTION_RANGES)) {
    checkInteger(name, mapping[name as keyof typeof OPTION_RANGES], range);
  }
  return mapping;
}

/** The buffer holds at least one full batch of every lane, or a batch could never fill. */
function withDefaults(settings: MappingSettings, options: EngineOptions): Required<EngineOptions> {
  return {
    pollIntervalMs: options.pollIntervalMs ?? 1_000,
    shardListIntervalMs: options.shardListIntervalMs ?? 1_000,
    retryBaseMs: options.retryBaseMs ?? 100,
    retryCapMs: options.retryCapMs ?? 30_000,
    jitter: options.jitter ?? (() => 1),
    bufferRecords: options.bufferRecords ?? Math.max(10_000, settings.batchSize * settings.parallelizationFactor),
    bufferBytes: options.bufferBytes ?? 2 * MAX_INVOKE_PAYLOAD_BYTES * (settings.parallelizationFactor + 1),
    readLimit: options.readLimit ?? 10_000,
  };
}

function checkInteger(name: string, value: number, range: IntegerRange): void {
  if (value === range.unlimited) return;
  if (Number.isInteger(value) && value >= range.least && value <= range.most) return;
  const unit = range.unit === undefined ? '' : ` ${range.unit}`;
  const unlimited = range.unlimited === undefined ? '' : `${range.unlimited} (unlimited) or `;
  throw new MappingSettingError(name, value, `${unlimited}a whole number from ${range.least} to ${range.most}${unit}`);
}

function checkArn(name: string, value: string, pattern: RegExp, allowed: string): void {
  if (!pattern.test(value)) throw new MappingSettingError(name, value, allowed);
}

function checkStartingPosition(position: MappingSettings['startingPosition']): void {
  if (position === 'TRIM_HORIZON' || position === 'LATEST') return;
  if (typeof position === 'object' && Number.isFinite(position.timestampMs) && position.timestampMs >= 0) return;
  throw new MappingSettingError(
    'startingPosition',
    position,
    'TRIM_HORIZON, LATEST or { timestampMs } since the epoch',
  );
}

function checkDestination(arn: string | undefined): void {
  if (arn === undefined) return;
  if (DESTINATION_ARN.test(arn) && !arn.endsWith('.fifo')) return;
  throw new MappingSettingError('onFailureArn', arn, 'a standard SQS queue, a standard SNS topic or an S3 bucket');
}
