import { KinesisClient } from '@aws-sdk/client-kinesis';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { credentialsIn, dynamoDbEndpointIn, regionIn } from './aws-environment.ts';
import { dynamoDb } from './dynamodb.ts';

/**
 * Bounded sockets and short time-outs: a request that hangs must not eat the invocation. The SDK itself does not retry; the runtime does,
 * with its own backoff and deadline, so that no put is repeated behind its back.
 */
const REQUEST = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true } as const;

export const requestHandler = (maxSockets: number): NodeHttpHandler =>
  new NodeHttpHandler({
    ...REQUEST,
    httpAgent: { keepAlive: true, maxSockets },
    httpsAgent: { keepAlive: true, maxSockets },
  });

/** Few sockets: a processor has few requests to streams and queues in flight. */
const options = () => ({ maxAttempts: 1, requestHandler: requestHandler(8) });

/** Without the SDK's log middleware: it copies every input and output, to have them ready for a logger, and there is none. */
function quiet<Client extends { readonly middlewareStack: { remove(name: string): boolean } }>(client: Client): Client {
  if (client.middlewareStack.remove('loggerMiddleware')) return client;
  throw new Error('The SDK has no loggerMiddleware any more: see what logs requests now, and whether that has to go');
}

/** One client a service and environment. The Kinesis client gets HTTP/1.1, of which emulators are sure and a few requests need no more. */
export const createClients = (sockets: number, variables: NodeJS.ProcessEnv = process.env) => ({
  dynamodb: dynamoDb({
    region: regionIn(variables),
    endpoint: dynamoDbEndpointIn(variables),
    credentials: credentialsIn(variables),
    requestHandler: requestHandler(sockets),
  }),
  kinesis: quiet(new KinesisClient(options())),
  sqs: quiet(new SQSClient(options())),
});

export type Clients = ReturnType<typeof createClients>;
