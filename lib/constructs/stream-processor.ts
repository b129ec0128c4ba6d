import type { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping, type Code, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SystemManifest } from '../../lambdas/core/manifest.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { EventSource } from './event-stream.ts';
import { ProcessorFunction } from './processor-function.ts';

/** How records reach the function. */
export interface MappingProps {
  /** 1 to 10,000 records. */
  readonly batchSize: number;
  /** 0 to 300 s. */
  readonly batchingWindow: Duration;
  /** 1 to 10 batches of one shard at once. Default: 10, or 1 if producers use the KPL, whose aggregates mix partition keys. */
  readonly parallelizationFactor?: number;
}

export interface StreamProcessorProps {
  readonly system: SystemManifest;
  readonly source: EventSource;
  /** By logical name: every stream of the manifest's `outputStreams`. */
  readonly outputs: Readonly<Record<string, IStream>>;
  /** By logical name: every queue of the manifest's `alertQueues`. */
  readonly alertQueues: Readonly<Record<string, IQueue>>;
  readonly stateTable: ITable;
  readonly checkpointTable: ITable;
  /** What the processor rejects. */
  readonly deadLetters: Pick<DeadLetterQueue, 'queue' | 'payloads'>;
  /** What Lambda discards. Lambda refuses FIFO queues here. */
  readonly onFailureQueue: IQueue;
  readonly mapping: MappingProps;
  /** MB. Default: 256. */
  readonly memoryMb?: number;
  /** Default: 60 s. */
  readonly timeout?: Duration;
  readonly logRetention: RetentionDays;
  /** Must let CloudWatch Logs use it. Default: CloudWatch's own encryption. */
  readonly logKey?: IKey;
  /** Arrival time is the event's `recordedtime`. Default: false. */
  readonly replay?: boolean;
  /** Code that is already built, instead of bundling the manifest's entry. */
  readonly code?: Code;
}

/** -1: Lambda never gives up. What cannot be processed is rejected by the function itself, with its payload and a reason. */
const UNLIMITED = -1;

/** A system's function and the event source mapping that feeds it, with exactly the permissions that both need. */
export class StreamProcessor extends Construct {
  readonly function: IFunction;
  readonly logGroup: ILogGroup;
  readonly mapping: CfnEventSourceMapping;
  /** UUID: the dimension of the mapping's metrics. */
  readonly mappingId: string;

  constructor(scope: Construct, id: string, props: StreamProcessorProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What system ${props.system.name} may do`,
    });
    const processor = new ProcessorFunction(this, 'Function', { ...props, role });
    this.function = processor.function;
    this.logGroup = processor.logGroup;
    this.mapping = this.mapRecords(props);
    this.mappingId = this.mapping.ref;
  }

  /** Every setting is written out: CDK's and Lambda's defaults discard silently, never bisect and ignore partial responses. */
  private mapRecords({ source, system, mapping, onFailureQueue }: StreamProcessorProps): CfnEventSourceMapping {
    return new CfnEventSourceMapping(this, 'Mapping', {
      eventSourceArn: source.stream.streamArn,
      functionName: this.function.functionName,
      enabled: true,
      // LATEST would miss what arrives while the mapping is being made.
      startingPosition: 'TRIM_HORIZON',
      batchSize: mapping.batchSize,
      maximumBatchingWindowInSeconds: mapping.batchingWindow.toSeconds(),
      parallelizationFactor: factor(system, source, mapping.parallelizationFactor),
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: UNLIMITED,
      maximumRecordAgeInSeconds: UNLIMITED,
      destinationConfig: { onFailure: { destination: onFailureQueue.queueArn } },
      metricsConfig: { metrics: ['EventCount'] },
    });
  }
}

function factor(system: SystemManifest, source: EventSource, asked: number | undefined): number {
  if (!source.kplProducers) return asked ?? 10;
  if (asked !== undefined && asked > 1) {
    throw new Error(
      `system ${system.name}: parallelizationFactor ${asked} would break the order of keys, since stream ${source.logicalName} has KPL producers, whose aggregates mix partition keys; allowed: 1`,
    );
  }
  return 1;
}
