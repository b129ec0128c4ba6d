import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * Bounded sockets and short time-outs: a request that hangs must not eat the invocation. The SDK itself does not retry; the runtime does,
 * with its own backoff and deadline, so that no put is repeated behind its back.
 */
const REQUEST = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true } as const;

const options = (maxSockets: number) => ({
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({
    ...REQUEST,
    httpAgent: { keepAlive: true, maxSockets },
    httpsAgent: { keepAlive: true, maxSockets },
  }),
});

/** One client a service and environment. The Kinesis client gets HTTP/1.1, of which emulators are sure and a few requests need no more. */
export const createClients = (sockets: number) => ({
  dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(options(sockets)), {
    marshallOptions: { removeUndefinedValues: true },
  }),
  kinesis: new KinesisClient(options(8)),
  sqs: new SQSClient(options(8)),
});

export type Clients = ReturnType<typeof createClients>;
