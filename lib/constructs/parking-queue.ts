import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { given } from '../given.ts';
import { acknowledgeParkingQueue } from './acknowledgements.ts';
import { DataKey } from './data-key.ts';

export interface ParkingQueueProps {
  /** Default: a key of the queue's own. */
  readonly encryptionKey?: IKey;
  /** Physical name. Default: CloudFormation chooses. */
  readonly queueName?: string;
  /** Default: retained. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * An encrypted, TLS-only queue in which messages wait for a person, not for a consumer: it keeps them as long as SQS can,
 * 14 days. Nothing receives from it on its own, so it has no dead-letter queue itself.
 */
export class ParkingQueue extends Queue {
  constructor(scope: Construct, id: string, props: ParkingQueueProps = {}) {
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    super(scope, id, {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey:
        props.encryptionKey ?? new DataKey(scope, `${id}Key`, { description: `Messages of ${id}`, removalPolicy }),
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy,
      ...given<{ queueName: string }>({ queueName: props.queueName }),
    });
    acknowledgeParkingQueue(this);
  }
}
