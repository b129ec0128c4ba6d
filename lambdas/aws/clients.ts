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

/**
 * Without the SDK's log middleware: it copies every input and output, member by member, to have them ready for a logger, and there is none.
 * Of a read of rows that was a quarter of the CPU time.
 */
function quiet<Client extends { readonly middlewareStack: { remove(name: string): boolean } }>(client: Client): Client {
  if (client.middlewareStack.remove('loggerMiddleware')) return client;
  throw new Error('The SDK has no loggerMiddleware any more: see what logs requests now, and whether that has to go');
}

/** One client a service and environment. The Kinesis client gets HTTP/1.1, of which emulators are sure and a few requests need no more. */
export const createClients = (sockets: number) => ({
  dynamodb: DynamoDBDocumentClient.from(quiet(new DynamoDBClient(options(sockets))), {
    marshallOptions: { removeUndefinedValues: true },
  }),
  kinesis: quiet(new KinesisClient(options(8))),
  sqs: quiet(new SQSClient(options(8))),
});

export type Clients = ReturnType<typeof createClients>;
