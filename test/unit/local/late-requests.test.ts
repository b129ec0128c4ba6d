import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { type Emulators, startEmulators } from '../../../local/emulators/emulators.ts';
import { until } from '../../support/until.ts';

const TableName = 'rows';
let emulators: Emulators;
let tables: DynamoDBDocument;

beforeAll(async () => {
  emulators = await startEmulators();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const endpoint = emulators.endpoints.dynamodb;
  tables = DynamoDBDocument.from(new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }));
  await tables.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
});

afterEach(() => emulators.setFaultHook());

afterAll(async () => {
  tables.destroy();
  await emulators.stop();
});

/** Holds the next put back until it is let go. */
function holdNextPut(): { readonly isHeld: () => boolean; readonly letGo: () => void } {
  const late = Promise.withResolvers<void>();
  let held = false;
  emulators.setFaultHook(({ operation }) => {
    if (operation !== 'PutItem' || held) return 'pass';
    held = true;
    return { after: late.promise };
  });
  return { isHeld: () => held, letGo: late.resolve };
}

test('a put that comes late meets what was put meanwhile', async () => {
  const { isHeld, letGo } = holdNextPut();
  const late = tables.put({
    TableName,
    Item: { id: 'a', of: 'late' },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  await until(isHeld);
  await tables.put({ TableName, Item: { id: 'a', of: 'meanwhile' } });
  letGo();
  await expect(late).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect((await tables.get({ TableName, Key: { id: 'a' } })).Item).toEqual({ id: 'a', of: 'meanwhile' });
});

test('a put arrives although its client has gone, as that of a host that died', async () => {
  const { isHeld, letGo } = holdNextPut();
  const gone = new AbortController();
  const late = tables.put({ TableName, Item: { id: 'b' } }, { abortSignal: gone.signal });
  const aborted = expect(late).rejects.toMatchObject({ name: 'AbortError' });
  await until(isHeld);
  gone.abort();
  await aborted;
  letGo();
  await until(async () => (await tables.get({ TableName, Key: { id: 'b' } })).Item !== undefined);
  expect(emulators.tableCounts(TableName).puts).toBeGreaterThan(0);
});
