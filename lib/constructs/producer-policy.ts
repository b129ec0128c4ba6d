import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { EventSource } from './event-stream.ts';
import { allow, useKeys } from './processor-policy.ts';

export interface ProducerPolicyProps {
  readonly source: EventSource;
}

/** What a producer of this account needs to put on one stream, and nothing else: it cannot read what it or others have put. */
export class ProducerPolicy extends ManagedPolicy {
  constructor(scope: Construct, id: string, { source: { stream, logicalName, kplProducers } }: ProducerPolicyProps) {
    super(scope, id, {
      description: `Put events on stream ${logicalName}`,
      statements: [
        allow('PutEvents', ['kinesis:PutRecord', 'kinesis:PutRecords'], [stream.streamArn]),
        // The KPL maps partition keys to shards by itself.
        ...(kplProducers
          ? [allow('SeeShards', ['kinesis:DescribeStreamSummary', 'kinesis:ListShards'], [stream.streamArn])]
          : []),
        ...useKeys('kinesis', ['kms:GenerateDataKey'], [stream.encryptionKey]),
      ],
    });
  }
}
