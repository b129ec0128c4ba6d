/**
 * What was read of one kind of thing, or why it could not be: one part that fails hides no other. With both, some of the things could be
 * read, and the error names the others.
 */
export type Section<T> = { readonly items: readonly T[]; readonly error?: string } | { readonly error: string };

export interface StreamStatus {
  /** Logical name. */
  readonly stream: string;
  readonly name: string;
  /** `ACTIVE`, `UPDATING` and so on, as Kinesis says it. */
  readonly status: string;
  readonly mode: 'provisioned' | 'on-demand';
  readonly openShards: number;
  readonly retentionHours: number;
}

/** The event source mapping of a system. */
export interface SystemStatus {
  readonly system: string;
  readonly stream: string;
  readonly mappingId: string;
  /** `Enabled`, `Disabling`, `Disabled` and so on, as Lambda says it. */
  readonly state: string;
  readonly lastResult: string;
  /** When the state was last changed. */
  readonly changedAt: string;
}

/** How far a system has come in one shard. */
export interface ShardStatus {
  readonly shardId: string;
  readonly open: boolean;
  /** The furthest one that was found: no checkpoint is written for an invocation without effects. */
  readonly checkpoint?: { readonly sequenceNumber: string; readonly at: string };
  /** Age of the first record after the checkpoint; 0 if there is none. Absent: nothing is known. */
  readonly behindMs?: number;
}

/** How far a system has come, and how long its unread events are still kept. */
export interface LagStatus {
  readonly system: string;
  /** Lambda's iterator age, of the last minute that had one before now or before the mapping was disabled. */
  readonly iteratorAge?: { readonly ms: number; readonly at: string } | { readonly error: string };
  readonly unread: Unread;
  /** For how long the stream keeps what arrives now. */
  readonly retentionHours: number;
  /** false: the checkpoint table is larger than what is read of it, so shards may be further than their checkpoints say. */
  readonly allCheckpoints: boolean;
  readonly shards: readonly ShardStatus[];
}

/** What is known of the oldest record that a system has not processed. */
export type Unread =
  | { readonly kind: 'none' }
  /** It arrived at that time, or later; it expires at `expiresAt`. */
  | {
      readonly kind: 'some';
      readonly arrivedAt: string;
      readonly expiresAt: string;
      readonly hoursLeft: number;
      /** Shards of which nothing tells: theirs may be older. */
      readonly unknownShards: number;
    }
  /** Neither a checkpoint nor an iterator age tells. */
  | { readonly kind: 'unknown' };

export interface AlarmStatus {
  readonly name: string;
  readonly since: string;
  /** As CloudWatch puts it. */
  readonly reason: string;
  /** What it means for users, what to do first, and its place in the runbook. */
  readonly description: string;
}

export interface QueueStatus {
  readonly system: string;
  readonly queue: 'dead letters' | 'on-failure';
  readonly url: string;
  readonly waiting: number;
  /** Taken by somebody and not deleted yet. */
  readonly inFlight: number;
}

/** A stage at one time. */
export interface Status {
  readonly stage: string;
  readonly at: string;
  readonly streams: Section<StreamStatus>;
  readonly systems: Section<SystemStatus>;
  readonly lag: Section<LagStatus>;
  /** Those in ALARM. */
  readonly alarms: Section<AlarmStatus> & { readonly total?: number };
  readonly queues: Section<QueueStatus>;
}

/** Something is in ALARM. Above a failure: the alarm is what somebody has to know. */
export const IN_ALARM = 2;

/** 2 if something is in ALARM, 1 if a part could not be read, else 0. */
export function exitCodeOf(status: Status): 0 | 1 | 2 {
  const { streams, systems, lag, alarms, queues } = status;
  if ('items' in alarms && alarms.items.length > 0) return IN_ALARM;
  return [streams, systems, lag, alarms, queues].some((section) => 'error' in section) ? 1 : 0;
}
