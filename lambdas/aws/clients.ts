import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { kinesisRecords } from '../producer/index.ts';
import { credentialsIn, dynamoDbEndpointIn, regionIn } from './aws-environment.ts';
import { dynamoDb } from './dynamodb.ts';
import { quiet } from './quiet.ts';
import type { SendBatch } from './sqs-batch.ts';

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

/**
 * What a processor calls AWS with, one set an environment: `sockets` for rows. The Kinesis client gets HTTP/1.1, of which emulators are sure
 * and a few requests need no more. Throws an Error that names the variable if the environment does not say where DynamoDB is.
 */
export function createClients(sockets: number, variables: NodeJS.ProcessEnv = process.env) {
  const kinesis = quiet(new KinesisClient(options()));
  return {
    dynamodb: dynamoDb({
      region: regionIn(variables),
      endpoint: dynamoDbEndpointIn(variables),
      credentials: credentialsIn(variables),
      requestHandler: requestHandler(sockets),
    }),
    putRecordsTo: (streamName: string) => kinesisRecords(kinesis, streamName),
    sendBatch: onFirstUse(async () => (await import('./sqs-client.ts')).createSendBatch(options())),
  };
}

function onFirstUse(load: () => Promise<SendBatch>): SendBatch {
  let loaded: Promise<SendBatch> | undefined;
  return async (queueUrl, entries, signal) => {
    loaded ??= load();
    return (await loaded)(queueUrl, entries, signal);
  };
}
