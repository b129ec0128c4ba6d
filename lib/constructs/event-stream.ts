import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type CfnStream, type IStream, Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { AdapterManifest } from '../../lambdas/core/adapter.ts';
import { given } from '../given.ts';
import { acknowledgeCustomerManagedKey } from './acknowledgements.ts';
import { DataKey } from './data-key.ts';
import { throughService } from './processor-policy.ts';

/** What a processor must know of the stream that it reads, whether an `EventStream` made it or it was there before. */
export interface EventSource {
  readonly stream: IStream;
  /** The name under which positions are kept: it outlives the physical stream, so it must not change when that is re-created. */
  readonly logicalName: string;
  readonly retention: Duration;
  /** Producers aggregate with the Kinesis Producer Library. */
  readonly kplProducers: boolean;
  /** How records become CloudEvents. Absent: they are CloudEvents. */
  readonly adapter?: AdapterManifest;
}

export type StreamCapacity =
  | { readonly mode: 'provisioned'; readonly shards: number }
  /** Kinesis scales the shards. */
  | { readonly mode: 'on-demand' };

export interface EventStreamProps {
  /** Kebab-case name for positions, environment variables and people. */
  readonly logicalName: string;
  readonly capacity: StreamCapacity;
  /** 24 hours to 365 days. Default: 7 days. */
  readonly retention?: Duration;
  /** Default: false. */
  readonly kplProducers?: boolean;
  /** Default: records are CloudEvents. */
  readonly adapter?: AdapterManifest;
  /** Default: a key of its own. */
  readonly encryptionKey?: IKey;
  /** Principals of other accounts that may put records. An imported key must let them use it by itself. Default: none. */
  readonly producers?: readonly IPrincipal[];
  /** Physical name. Default: CloudFormation chooses. */
  readonly streamName?: string;
  /** Default: retained. */
  readonly removalPolicy?: RemovalPolicy;
}

/** The largest record, base64-encoded, that still fits an invocation's 6 MB beside others: none is undeliverable. */
const MAX_RECORD_KIB = 1024;

/** What a stream's resource policy may name: the data plane and the two calls that describe the stream. */
const DATA_PLANE = [
  'kinesis:PutRecord',
  'kinesis:PutRecords',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
  'kinesis:DescribeStreamSummary',
];

/** An encrypted stream that keeps order per partition key, refuses plain HTTP and holds records long enough to repair a consumer. */
export class EventStream extends Construct implements EventSource {
  readonly stream: IStream;
  readonly logicalName: string;
  readonly retention: Duration;
  readonly kplProducers: boolean;
  readonly adapter?: AdapterManifest;

  constructor(scope: Construct, id: string, props: EventStreamProps) {
    super(scope, id);
    this.logicalName = props.logicalName;
    this.retention = props.retention ?? Duration.days(7);
    this.kplProducers = props.kplProducers ?? false;
    if (props.adapter !== undefined) this.adapter = props.adapter;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const stream = new Stream(this, 'Stream', {
      encryption: StreamEncryption.KMS,
      encryptionKey:
        props.encryptionKey ??
        new DataKey(this, 'Key', { description: `Events of stream ${props.logicalName}`, removalPolicy }),
      retentionPeriod: this.retention,
      removalPolicy,
      ...capacity(props.capacity),
      ...given<{ streamName: string }>({ streamName: props.streamName }),
    });
    const cfn = stream.node.defaultChild as CfnStream;
    cfn.maxRecordSizeInKiB = MAX_RECORD_KIB;
    if (props.capacity.mode === 'on-demand') {
      // AUTO would ignore partition keys and so end the order of a key's events. Provisioned streams know nothing else and refuse the property.
      cfn.recordDistributionStrategy = 'USER_PARTITION_KEY';
    }
    stream.addToResourcePolicy(
      new PolicyStatement({
        sid: 'RefusePlainHttp',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: DATA_PLANE,
        resources: [stream.streamArn],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    if (props.producers !== undefined && props.producers.length > 0) letPut(stream, props.producers);
    acknowledgeCustomerManagedKey(stream);
    this.stream = stream;
  }
}

/** Who may put in one call of one service: the policy of their own account must allow it as well. */
function letPut(stream: Stream, producers: readonly IPrincipal[]): void {
  const principals = [...producers];
  stream.addToResourcePolicy(
    new PolicyStatement({
      sid: 'ProducersOfOtherAccounts',
      principals,
      actions: ['kinesis:PutRecord', 'kinesis:PutRecords'],
      resources: [stream.streamArn],
    }),
  );
  stream.encryptionKey?.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['kms:GenerateDataKey'],
      resources: ['*'],
      conditions: throughService('kinesis'),
    }),
  );
}

function capacity(of: StreamCapacity): { streamMode: StreamMode; shardCount?: number } {
  return of.mode === 'provisioned'
    ? { streamMode: StreamMode.PROVISIONED, shardCount: of.shards }
    : { streamMode: StreamMode.ON_DEMAND };
}
