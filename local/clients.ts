import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Endpoints, REGION } from './emulators/emulators.ts';

/** SDK clients of the local cloud. They have credentials that nobody checks. */
export interface Clients {
  readonly kinesis: KinesisClient;
  readonly dynamodb: DynamoDBClient;
  /** As `dynamodb`, with plain values; members that are undefined are left out. */
  readonly documents: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
}

/** The clients, and what closes their connections. */
export interface OwnedClients {
  readonly clients: Clients;
  destroy(): void;
}

/** Clients for these endpoints, whatever AWS configuration the machine has. */
export function localClients(endpoints: Endpoints): OwnedClients {
  const base = { region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamodb = new DynamoDBClient({ ...base, endpoint: endpoints.dynamodb });
  const clients: Clients = {
    // The SDK's own choice for Kinesis is HTTP/2, which kinesalite does not speak.
    kinesis: new KinesisClient({ ...base, endpoint: endpoints.kinesis, requestHandler: new NodeHttpHandler() }),
    dynamodb,
    documents: DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } }),
    sqs: new SQSClient({ ...base, endpoint: endpoints.sqs }),
    s3: new S3Client({ ...base, endpoint: endpoints.s3, forcePathStyle: true }),
  };
  return {
    clients,
    destroy: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
