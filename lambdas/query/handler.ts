import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { stateTableEnv } from '../core/names.ts';
import { views } from '../systems/views.ts';
import { createApi } from './api.ts';
import { dynamoRows } from './dynamodb-rows.ts';

/** A read may be repeated, so the SDK does it; all attempts together stay below API Gateway's 30 s, and below what a client waits. */
const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 1_000,
      requestTimeout: 1_500,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 50 },
      httpsAgent: { keepAlive: true, maxSockets: 50 },
    }),
  }),
);

/** A stage may have some of the systems only: it names the table of each that it has. */
const shown = views.filter(({ system }) => process.env[stateTableEnv(system)] !== undefined);
if (shown.length === 0) {
  throw new Error(`Environment variable ${views.map(({ system }) => stateTableEnv(system)).join(' or ')} is not set`);
}

const tables = new Map(shown.map(({ system }) => [system, dynamoRows(client, required(stateTableEnv(system)))]));

/** The Lambda handler of the REST API. Reads the environment once, at cold start, and fails there by the variable's name. */
export const handler = createApi({
  views: shown,
  rows: (system) => {
    const table = tables.get(system);
    if (table === undefined) throw new Error(`System ${system} has no table`);
    return table;
  },
  log: faultLog(new Logger({ serviceName: 'api' })),
});

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`Environment variable ${name} is not set`);
  return value;
}

function faultLog(logger: Logger) {
  return {
    error: (message: string, details: Readonly<Record<string, unknown>>): void => logger.error(message, { ...details }),
  };
}
