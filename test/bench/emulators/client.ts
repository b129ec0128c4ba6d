import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { BatchWriteCommand, DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { IndexManifest } from '../../../lambdas/core/manifest.ts';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { ACCOUNT_ID, REGION } from '../../../local/emulators/emulators.ts';
import { forkServing, type Remote } from '../rpc.ts';
import type { EmulatorService, Endpoints } from './service.ts';

type Item = Readonly<Record<string, unknown>>;

/** Most items of one BatchWriteItem. */
const MOST_WRITES = 25;
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** The emulators, and what it takes to make and read resources. */
export interface Emulators extends AsyncDisposable {
  readonly endpoints: Endpoints;
  readonly service: Remote<EmulatorService>;
  createTable(name: string, indexes: readonly IndexManifest[]): Promise<void>;
  createStream(name: string): Promise<void>;
  insert(table: string, items: readonly Item[]): Promise<void>;
  scan(table: string): Promise<readonly Item[]>;
}

export async function startEmulators(): Promise<Emulators> {
  const child = forkServing<EmulatorService>({
    name: 'The emulators',
    module: new URL('./service.ts', import.meta.url),
    env: { AWS_REGION: REGION, AWS_ACCOUNT_ID: ACCOUNT_ID },
  });
  const endpoints = await child.methods.endpoints();
  const base = { region: REGION, credentials: CREDENTIALS };
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...base, endpoint: endpoints.dynamodb }));
  const kinesis = new KinesisClient({ ...base, endpoint: endpoints.kinesis, requestHandler: new NodeHttpHandler() });
  return {
    endpoints,
    service: child.methods,
    createTable: async (name, indexes) => {
      await dynamodb.send(new CreateTableCommand(tableOf(name, indexes)));
    },
    createStream: async (StreamName) => {
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    },
    insert: async (table, items) => {
      for (let from = 0; from < items.length; from += MOST_WRITES) {
        const requests = items.slice(from, from + MOST_WRITES).map((Item) => ({ PutRequest: { Item } }));
        await dynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
      }
    },
    scan: async (TableName) => {
      const items: Item[] = [];
      for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName })) items.push(...Items);
      return items;
    },
    [Symbol.asyncDispose]: async () => {
      dynamodb.destroy();
      kinesis.destroy();
      await child[Symbol.asyncDispose]();
    },
  };
}

/** A table with the indexes that lib/constructs/state-table.ts gives it. */
function tableOf(name: string, indexes: readonly IndexManifest[]): ConstructorParameters<typeof CreateTableCommand>[0] {
  const keys = indexes.flatMap(({ partitionKey, sortKey }) => [
    { AttributeName: partitionKey, AttributeType: 'S' as const },
    { AttributeName: sortKey.name, AttributeType: sortKey.type === 'number' ? ('N' as const) : ('S' as const) },
  ]);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: ATTRIBUTES.key, AttributeType: 'S' }, ...keys],
    KeySchema: [{ AttributeName: ATTRIBUTES.key, KeyType: 'HASH' }],
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map(({ name: IndexName, partitionKey, sortKey, projected }) => ({
            IndexName,
            KeySchema: [
              { AttributeName: partitionKey, KeyType: 'HASH' as const },
              { AttributeName: sortKey.name, KeyType: 'RANGE' as const },
            ],
            Projection:
              projected.length === 0
                ? { ProjectionType: 'KEYS_ONLY' as const }
                : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...projected] },
          })),
        }),
  };
}

/** The environment in which a function reaches the emulators, and no AWS configuration of this machine. */
export const functionEnvironment = ({ dynamodb, kinesis }: Endpoints): Readonly<Record<string, string>> => ({
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
  AWS_ENDPOINT_URL_KINESIS: kinesis,
  // As Lambda's Node.js runtime has it for the logger; with text logs Powertools would behave the same.
  AWS_LAMBDA_LOG_LEVEL: 'INFO',
});
