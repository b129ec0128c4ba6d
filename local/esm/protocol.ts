import type { InvokeResult, Shard, StreamRecord } from './types.ts';

/** From where a shard is read; the names of GetShardIterator's iterator types. */
export type ReadPosition =
  | { readonly kind: 'TRIM_HORIZON' }
  | { readonly kind: 'LATEST' }
  | { readonly kind: 'AT_TIMESTAMP'; readonly timestampMs: number }
  | { readonly kind: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

/** How far one shard has come: what a restarted engine needs to go on without a gap. Everything above it is delivered again. */
export interface ShardCheckpoint {
  readonly shardId: string;
  readonly position: ReadPosition | { readonly kind: 'DONE' };
}

/** Why records are discarded. The last is documented for Kafka only; Kinesis's page names no condition for oversized records. */
export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'MaximumPayloadSizeExceeded';

/** What Lambda sends to an on-failure destination. */
export interface OnFailureDocument {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: DiscardCondition;
    readonly approximateInvokeCount: number;
  };
  /** Absent when the records never had a response. */
  readonly responseContext?: {
    readonly statusCode: number;
    readonly executedVersion: string;
    /** null when the function returned and reported failed items. */
    readonly functionError: 'Unhandled' | null;
  };
  readonly version: '1.0';
  /** ISO 8601 in UTC with milliseconds. */
  readonly timestamp: string;
  readonly KinesisBatchInfo: {
    readonly shardId: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly approximateArrivalOfLastRecord: string;
    readonly batchSize: number;
    readonly streamArn: string;
  };
  /** Only for S3: the invoke event with its records, as an escaped JSON string. */
  readonly payload?: string;
}

/** What the engine is told. Every command is answered by exactly one input, in any order. */
export type EngineInput =
  /** Time has passed; also the first input. */
  | { readonly kind: 'tick' }
  /** The whole shard list, closed shards included. */
  | { readonly kind: 'shards-listed'; readonly shards: readonly Shard[] }
  | { readonly kind: 'list-failed' }
  | {
      readonly kind: 'records-read';
      readonly shardId: string;
      /** In sequence order, all above what was read before. */
      readonly records: readonly StreamRecord[];
      readonly millisBehindLatest: number;
      /** The shard is closed and these were its last records. */
      readonly exhausted: boolean;
    }
  | { readonly kind: 'read-failed'; readonly shardId: string }
  | { readonly kind: 'batch-invoked'; readonly batchId: string; readonly result: InvokeResult }
  | { readonly kind: 'delivery-settled'; readonly deliveryId: string; readonly accepted: boolean }
  /** Lets nothing new begin; what is under way may still be answered. Checkpoints and buffers stay. */
  | { readonly kind: 'disable' }
  | { readonly kind: 'enable' };

/** What the engine wants done. */
export type Command =
  | { readonly kind: 'list-shards' }
  | { readonly kind: 'read'; readonly shardId: string; readonly from: ReadPosition; readonly limit: number }
  | {
      readonly kind: 'invoke';
      readonly batchId: string;
      readonly shardId: string;
      readonly records: readonly StreamRecord[];
    }
  | {
      readonly kind: 'deliver';
      readonly deliveryId: string;
      readonly shardId: string;
      readonly document: OnFailureDocument;
    };

/** CloudWatch's names: the event counts of metricsConfig EventCount, and IteratorAge in milliseconds. */
export type MetricName =
  | 'PolledEventCount'
  | 'InvokedEventCount'
  | 'FailedInvokeEventCount'
  | 'DroppedEventCount'
  | 'OnFailureDestinationDeliveredEventCount'
  | 'IteratorAge';

export interface MetricDatum {
  readonly name: MetricName;
  /** Events, or milliseconds for IteratorAge. */
  readonly value: number;
}

export interface EngineOutput {
  readonly commands: readonly Command[];
  readonly metrics: readonly MetricDatum[];
  /** Epoch milliseconds at which the engine wants a tick if nothing else happens. It replaces the time of earlier outputs. */
  readonly wakeAtMs?: number;
}

export interface ShardStatus {
  readonly shardId: string;
  readonly stage: 'waiting-for-parents' | 'open' | 'exhausted' | 'done';
  /** The last record up to which everything is processed or discarded. */
  readonly checkpoint?: string;
  /** Records read and not yet processed or discarded, those in flight included. */
  readonly buffered: number;
  /** Batches in flight. */
  readonly inFlight: number;
  /** As of the last read; absent before it. */
  readonly millisBehindLatest?: number;
}
