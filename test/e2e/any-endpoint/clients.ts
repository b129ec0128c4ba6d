import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { environmentOf, type Target } from './target.ts';

/** SDK clients of a target. */
export interface Clients {
  readonly cloudformation: CloudFormationClient;
  readonly cloudwatch: CloudWatchClient;
  readonly kinesis: KinesisClient;
  readonly documents: DynamoDBDocumentClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  destroy(): void;
}

export function clientsOf(target: Target): Clients {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION } = environmentOf(target);
  const base =
    target.endpoint === undefined
      ? {}
      : {
          endpoint: target.endpoint,
          region: AWS_REGION ?? '',
          credentials: { accessKeyId: AWS_ACCESS_KEY_ID ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' },
        };
  const clients = {
    cloudformation: new CloudFormationClient(base),
    cloudwatch: new CloudWatchClient(base),
    // The SDK's own choice for Kinesis is HTTP/2, which emulators do not speak.
    kinesis: new KinesisClient({ ...base, requestHandler: new NodeHttpHandler() }),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(base)),
    lambda: new LambdaClient(base),
    // The URLs of an emulator's queues may name hosts that this machine cannot resolve.
    sqs: new SQSClient({ ...base, ...(target.endpoint === undefined ? {} : { useQueueUrlAsEndpoint: false }) }),
  };
  return {
    ...clients,
    destroy: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
