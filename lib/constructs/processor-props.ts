import type { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import type { EventSource } from './event-stream.ts';

/** How records reach the function. */
export interface MappingProps {
  /** 1 to 10,000 records. */
  readonly batchSize: number;
  /** 0 to 300 s. */
  readonly batchingWindow: Duration;
  /** 1 to 10 batches of one shard at once. Default: 10, or 1 if producers use the KPL, whose aggregates mix partition keys. */
  readonly parallelizationFactor?: number;
  /** Where a new mapping begins: what arrived from then on. Default: with the oldest record. */
  readonly startAt?: Date;
  /** Reads by a consumer of its own with enhanced fan-out, which KPL producers rule out. Default: false. */
  readonly enhancedFanOut?: boolean;
}

/** Where functions run that are in a VPC: they reach AWS only by endpoints or a NAT that the VPC brings. */
export interface Network {
  readonly vpc: IVpc;
  readonly subnets?: SubnetSelection;
  readonly securityGroups: readonly ISecurityGroup[];
}

/** What a system needs and may have been there before. */
export interface StreamProcessorProps {
  readonly system: SystemManifest;
  readonly source: EventSource;
  /** By logical name: every stream of the manifest's `outputStreams`. */
  readonly outputs: Readonly<Record<string, IStream>>;
  /** By logical name: every queue of the manifest's `alertQueues`. */
  readonly alertQueues: Readonly<Record<string, IQueue>>;
  readonly stateTable: ITable;
  readonly checkpointTable: ITable;
  /** What the processor rejects; payloads too large for a message go to the bucket. */
  readonly deadLetters: { readonly queue: IQueue; readonly payloads: IBucket };
  /** What Lambda discards. Lambda refuses FIFO queues here. */
  readonly onFailureQueue: IQueue;
  readonly mapping: MappingProps;
  /** MB. Default: 256. */
  readonly memoryMb?: number;
  /** Active tracing by X-Ray. Default: true. */
  readonly tracing?: boolean;
  /** Default: 60 s. */
  readonly timeout?: Duration;
  /** Default: 30 days. */
  readonly logRetention?: RetentionDays;
  /** Must let CloudWatch Logs use it. Default: CloudWatch's own encryption. */
  readonly logKey?: IKey;
  /** CloudWatch namespace of the processor's own metrics. Default: `Millrace`. */
  readonly metricNamespace?: string;
  /** Arrival time is the event's `recordedtime`. Default: false. */
  readonly replayMode?: boolean;
  /** Registry whose schemas frame records in Avro or Protobuf. Absent: all records are JSON, and no registry is asked. */
  readonly schemaRegistry?: { readonly registryName: string };
  /** Environments of the function at most. Default: what the account has left. */
  readonly reservedConcurrency?: number;
  /** Default: no VPC. */
  readonly network?: Network;
  /** Code that is already built, instead of bundling the manifest's entry. Its handler is `index.handler`. */
  readonly code?: Code;
}
