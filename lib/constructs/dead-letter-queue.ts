import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DataKey } from './data-key.ts';
import { ParkingQueue, type ParkingQueueProps } from './parking-queue.ts';

export interface DeadLetterQueueProps extends ParkingQueueProps {
  /** Receives the bucket's access logs. Default: a bucket of its own. */
  readonly accessLogs?: IBucket;
}

/** Objects outlive the message that points at them by two weeks, so that a redrive at the last moment still finds them. */
const PAYLOAD_DAYS = 28;

/** Where a processor puts what it rejects: a queue, and a private bucket for payloads too large for a message. */
export class DeadLetterQueue extends Construct {
  readonly queue: IQueue;
  readonly payloads: IBucket;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps = {}) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const encryptionKey: IKey =
      props.encryptionKey ?? new DataKey(this, 'Key', { description: `Rejected records of ${id}`, removalPolicy });
    this.queue = new ParkingQueue(this, 'Queue', { ...props, encryptionKey });
    this.payloads = new Bucket(this, 'Payloads', {
      encryption: BucketEncryption.KMS,
      encryptionKey,
      // One data key per bucket and not per object: KMS is asked less, and dead letters may come in floods.
      bucketKeyEnabled: true,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      lifecycleRules: [
        {
          id: 'expire',
          expiration: Duration.days(PAYLOAD_DAYS),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      serverAccessLogsBucket: props.accessLogs ?? new AccessLogs(this, 'AccessLogs', { removalPolicy }).bucket,
      serverAccessLogsPrefix: `${id}/`,
      removalPolicy,
    }) as IBucket;
  }
}

export interface AccessLogsProps {
  /** Default: retained. */
  readonly removalPolicy?: RemovalPolicy;
  /** Default: 90. */
  readonly days?: number;
}

/** A private bucket for the access logs of other buckets. Log delivery can write only with S3's own encryption. */
export class AccessLogs extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: AccessLogsProps = {}) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(props.days ?? 90) }],
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    }) as IBucket;
  }
}
