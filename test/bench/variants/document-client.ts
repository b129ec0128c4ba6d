import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requestHandler } from '../../../lambdas/aws/clients.ts';

/**
 * The SDK's document client, which is what people write items with, over the sockets and time-outs that the processor has. Neither has
 * retries. Its log middleware is left out, which people seldom do: it costs CPU and there is nothing to log to.
 */
export function documentClient(sockets: number): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ maxAttempts: 1, requestHandler: requestHandler(sockets) });
  client.middlewareStack.remove('loggerMiddleware');
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
