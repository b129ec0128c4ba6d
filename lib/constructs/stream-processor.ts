import { Stack } from 'aws-cdk-lib';
import { CfnStreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import { CfnEventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '../../lambdas/core/names.ts';
import type { EventSource } from './event-stream.ts';
import { ProcessorFunction } from './processor-function.ts';
import type { StreamProcessorProps } from './processor-props.ts';

/** -1: Lambda never gives up. What cannot be processed is rejected by the function itself, with its payload and a reason. */
const UNLIMITED = -1;

/** A system's function and the event source mapping that feeds it, with exactly the permissions that both need. */
export class StreamProcessor extends Construct {
  /** The system's name: the dimension of its own metrics. */
  readonly systemName: string;
  /** Namespace of its own metrics. */
  readonly metricNamespace: string;
  readonly source: EventSource;
  /** Streams that it publishes to, by logical name. */
  readonly outputs: StreamProcessorProps['outputs'];
  readonly function: IFunction;
  readonly logGroup: ILogGroup;
  /** UUID of the event source mapping: the dimension of its metrics. */
  readonly mappingId: string;
  readonly mappingArn: string;

  /** @throws Error if the parallelization factor or enhanced fan-out would break the order of keys, or a resource of the manifest is missing. */
  constructor(scope: Construct, id: string, props: StreamProcessorProps) {
    super(scope, id);
    requireResources(props);
    this.systemName = props.system.name;
    this.metricNamespace = props.metricNamespace ?? METRIC_NAMESPACE;
    this.source = props.source;
    this.outputs = props.outputs;
    const consumerArn = this.consumer(props)?.attrConsumerArn;
    const { function: fn, logGroup } = new ProcessorFunction(this, 'Function', { ...props, consumerArn });
    this.function = fn;
    this.logGroup = logGroup;
    const mapping = this.mapRecords(props, consumerArn);
    this.mappingId = mapping.ref;
    this.mappingArn = mapping.attrEventSourceMappingArn;
  }

  /** A consumer has a name, since CloudFormation makes none up; it need be unique only in its stream. */
  private consumer({ system, source, mapping }: StreamProcessorProps): CfnStreamConsumer | undefined {
    if (mapping.enhancedFanOut !== true) return undefined;
    if (source.kplProducers) {
      throw new Error(
        `system ${system.name}: enhancedFanOut is set, but stream ${source.logicalName} has KPL producers; Lambda would give ` +
          'all records of an aggregate one sequence number; allowed: false',
      );
    }
    const consumerName = `${Stack.of(this).stackName}-${system.name}`;
    return new CfnStreamConsumer(this, 'Consumer', { consumerName, streamArn: source.stream.streamArn });
  }

  /** Every setting is written out: CDK's and Lambda's defaults discard silently, never bisect and ignore partial responses. */
  private mapRecords(props: StreamProcessorProps, consumerArn: string | undefined): CfnEventSourceMapping {
    const { source, mapping, onFailureQueue } = props;
    return new CfnEventSourceMapping(this, 'Mapping', {
      eventSourceArn: consumerArn ?? source.stream.streamArn,
      functionName: this.function.functionName,
      enabled: true,
      // LATEST would miss what arrives while the mapping is being made.
      ...startingPosition(mapping.startAt),
      batchSize: mapping.batchSize,
      maximumBatchingWindowInSeconds: mapping.batchingWindow.toSeconds(),
      parallelizationFactor: parallelizationFactor(props),
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: UNLIMITED,
      maximumRecordAgeInSeconds: UNLIMITED,
      destinationConfig: { onFailure: { destination: onFailureQueue.queueArn } },
      metricsConfig: { metrics: ['EventCount'] },
    });
  }
}

const startingPosition = (at: Date | undefined) =>
  at === undefined
    ? { startingPosition: 'TRIM_HORIZON' }
    : { startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp: at.getTime() / 1000 };

function parallelizationFactor({ system, source, mapping }: StreamProcessorProps): number {
  const asked = mapping.parallelizationFactor;
  if (!source.kplProducers) return asked ?? 10;
  if (asked !== undefined && asked > 1) {
    throw new Error(
      `system ${system.name}: parallelizationFactor is ${asked}, but stream ${source.logicalName} has KPL producers, ` +
        'whose aggregates mix partition keys, so parallel batches would break the order of a key; allowed: 1',
    );
  }
  return 1;
}

function requireResources({ system, outputs, alertQueues }: StreamProcessorProps): void {
  const missing = [
    ...system.outputStreams.filter((name) => !Object.hasOwn(outputs, name)).map((name) => `outputs.${name}`),
    ...system.alertQueues.filter((name) => !Object.hasOwn(alertQueues, name)).map((name) => `alertQueues.${name}`),
  ];
  if (missing.length > 0) {
    throw new Error(`system ${system.name}: its manifest needs ${missing.join(', ')}, which the props do not give`);
  }
}
