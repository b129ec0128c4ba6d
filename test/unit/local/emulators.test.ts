import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateStreamCommand, DescribeStreamCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Emulators, startEmulators } from '../../../local/emulators/emulators.ts';
import type { Fault } from '../../../local/emulators/front.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'us-east-1';

let emulators: Emulators;
let tables: DynamoDBDocument;
let kinesis: KinesisClient;

beforeAll(async () => {
  emulators = await startEmulators();
  const { endpoints } = emulators;
  const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials, maxAttempts: 1 });
  tables = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
  kinesis = new KinesisClient({
    endpoint: endpoints.kinesis,
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
});

afterAll(async () => {
  tables.destroy();
  kinesis.destroy();
  await emulators.stop();
});

afterEach(() => emulators.setFaultHook());

async function makeTable(TableName: string): Promise<void> {
  await tables.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'segment', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'bySegment',
          KeySchema: [{ AttributeName: 'segment', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
}

describe('what passes to DynamoDB is counted', () => {
  test('puts, refused conditions and their write units', async () => {
    await makeTable('puts');
    const onAbsence = { ConditionExpression: 'attribute_not_exists(id)' };
    await tables.put({ TableName: 'puts', Item: { id: 'a', n: 1 }, ...onAbsence });
    await tables.put({ TableName: 'puts', Item: { id: 'a', pad: 'x'.repeat(1500), segment: 'gold' } });
    await expect(tables.put({ TableName: 'puts', Item: { id: 'a' }, ...onAbsence })).rejects.toThrow(/conditional/);
    // 1 for the first; 2 by size and 1 index entry for the second; 2 for the refused one, by the item that is there.
    expect(emulators.tableCounts('puts')).toMatchObject({
      puts: 2,
      conditionFailures: 1,
      writeUnits: 1 + (2 + 1) + 2,
      indexWriteUnits: 1,
    });
  });

  test('updates and deletes by what they leave and what they find', async () => {
    await makeTable('updates');
    const Key = { id: 'a' };
    await tables.put({ TableName: 'updates', Item: { ...Key, segment: 'gold' } });
    await tables.update({
      TableName: 'updates',
      Key,
      UpdateExpression: 'SET #s = :s, filling = :p',
      ExpressionAttributeNames: { '#s': 'segment' },
      ExpressionAttributeValues: { ':s': 'iron', ':p': 'x'.repeat(1100) },
    });
    await tables.delete({ TableName: 'updates', Key });
    expect(emulators.tableCounts('updates')).toMatchObject({
      puts: 1,
      updates: 1,
      deletes: 1,
      writeUnits: 1 + 1 + (2 + 2) + (2 + 1),
      indexWriteUnits: 1 + 2 + 1,
    });
  });

  test('units of the table and of each index that was written are told apart to whoever observes', async () => {
    await makeTable('observed');
    const seen: unknown[] = [];
    emulators.observe(({ operation, response }) => seen.push(operation, response.writeUnits));
    await tables.put({ TableName: 'observed', Item: { id: 'a', pad: 'x'.repeat(1500), segment: 'gold' } });
    await tables.put({ TableName: 'observed', Item: { id: 'a', segment: 'gold' } });
    const refused = { TableName: 'observed', Item: { id: 'a' }, ConditionExpression: 'attribute_not_exists(id)' };
    await expect(tables.put(refused)).rejects.toThrow(/conditional/);
    await tables.get({ TableName: 'observed', Key: { id: 'a' } });
    emulators.observe(() => undefined);
    const table = 'observed';
    expect(seen).toEqual([
      ...[
        'PutItem',
        [
          { table, units: 2 },
          { table, index: 'bySegment', units: 1 },
        ],
      ],
      ...['PutItem', [{ table, units: 2 }]],
      ...['PutItem', [{ table, units: 1 }]],
      ...['GetItem', undefined],
    ]);
  });

  test('every item of a batch', async () => {
    await makeTable('batches');
    await tables.put({ TableName: 'batches', Item: { id: 'gone', segment: 'gold' } });
    await tables.batchWrite({
      RequestItems: {
        batches: [
          { PutRequest: { Item: { id: 'a', pad: 'x'.repeat(2000) } } },
          { DeleteRequest: { Key: { id: 'gone' } } },
        ],
      },
    });
    await tables.batchGet({ RequestItems: { batches: { Keys: [{ id: 'a' }, { id: 'gone' }, { id: 'never' }] } } });
    await tables.get({ TableName: 'batches', Key: { id: 'a' } });
    await tables.scan({ TableName: 'batches' });
    expect(emulators.tableCounts('batches')).toMatchObject({
      puts: 2,
      deletes: 1,
      reads: 4,
      queries: 1,
      writeUnits: 2 + 2 + 2,
    });
  });

  test('concurrent updates of one item each see the item before and after themselves', async () => {
    await makeTable('races');
    const grow = (i: number) =>
      tables.update({
        TableName: 'races',
        Key: { id: 'a' },
        UpdateExpression: 'SET #a = :p',
        ExpressionAttributeNames: { '#a': `a${i}` },
        ExpressionAttributeValues: { ':p': 'x'.repeat(1022) },
      });
    await Promise.all(Array.from({ length: 5 }, (_, i) => grow(i)));
    // Each adds 1,024 bytes to the 3 of the key, so the n-th leaves n + 1 units.
    expect(emulators.tableCounts('races').writeUnits).toBe(2 + 3 + 4 + 5 + 6);
  });

  test('a refusal for any other reason counts nothing', async () => {
    await makeTable('invalid');
    await expect(tables.put({ TableName: 'invalid', Item: { nokey: 1 } })).rejects.toThrow();
    const malformed = { ConditionExpression: 'attribute_not_exists(' };
    await expect(tables.put({ TableName: 'invalid', Item: { id: 'a' }, ...malformed })).rejects.toThrow(/Syntax/);
    await expect(tables.put({ TableName: 'nowhere', Item: { id: 'a' } })).rejects.toThrow(/not found/);
    expect(emulators.tableCounts('invalid')).toMatchObject({ puts: 0, conditionFailures: 0, writeUnits: 0 });
  });
});

describe('faults', () => {
  const once_ = (fault: Fault, operation: string) => {
    let left = 1;
    emulators.setFaultHook((request) => (request.operation === operation && left-- > 0 ? fault : 'pass'));
  };

  test('a throttled put is refused as DynamoDB refuses it, and not counted', async () => {
    await makeTable('throttled');
    once_('throttle', 'PutItem');
    const put = () => tables.put({ TableName: 'throttled', Item: { id: 'a' } });
    await expect(put()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    await put();
    expect(emulators.tableCounts('throttled').puts).toBe(1);
  });

  test('a dropped put never reaches the table', async () => {
    await makeTable('dropped');
    once_('drop', 'PutItem');
    await expect(tables.put({ TableName: 'dropped', Item: { id: 'a' } })).rejects.toThrow();
    expect((await tables.get({ TableName: 'dropped', Key: { id: 'a' } })).Item).toBeUndefined();
  });

  test('a put whose answer is lost has happened', async () => {
    await makeTable('lost');
    once_('lose-answer', 'PutItem');
    await expect(tables.put({ TableName: 'lost', Item: { id: 'a' } })).rejects.toThrow();
    expect((await tables.get({ TableName: 'lost', Key: { id: 'a' } })).Item).toEqual({ id: 'a' });
  });

  test('the hook sees service, operation and input', async () => {
    const seen: unknown[] = [];
    emulators.setFaultHook(({ service, operation, input }) => {
      seen.push([service, operation, input()]);
      return 'pass';
    });
    await kinesis.send(new ListStreamsCommand({ Limit: 3 }));
    expect(seen).toEqual([['kinesis', 'ListStreams', { Limit: 3 }]]);
  });

  test('a request beyond any limit of AWS is cut', async () => {
    const body = Buffer.alloc(17 * 1024 * 1024);
    await expect(fetch(emulators.endpoints.kinesis, { method: 'POST', body })).rejects.toThrow();
  });

  test('a client that goes away in the middle of a request does not end the process', async () => {
    const { hostname, port } = new URL(emulators.endpoints.kinesis);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"half');
    await new Promise<void>((resolve) => socket.end(resolve));
    socket.destroy();
    expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toBeDefined();
  });
});

describe('endpoints', () => {
  test('streams are ready at once and carry the local region and account', async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 20 }));
    const { StreamDescription } = await kinesis.send(new DescribeStreamCommand({ StreamName: 's' }));
    expect(StreamDescription).toMatchObject({
      StreamStatus: 'ACTIVE',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
    });
    expect(StreamDescription?.Shards).toHaveLength(20);
  });

  test('queues live in the local region and account', async () => {
    const sqs = new SQSClient({ endpoint: emulators.endpoints.sqs, region, credentials });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    sqs.destroy();
    expect(QueueUrl).toBe(`${emulators.endpoints.sqs}/000000000000/q`);
    expect(Attributes?.QueueArn).toBe('arn:aws:sqs:us-east-1:000000000000:q');
  });

  test('nothing listens on any address but 127.0.0.1', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address }) => address !== '127.0.0.1' && !address.startsWith('fe80'))
      .map(({ address }) => address);
    const ports = new Set(Object.values(emulators.endpoints).map((url) => Number(new URL(url).port)));
    for (const port of ports) {
      for (const address of ['127.0.0.2', ...others]) expect(await connects(port, address)).toBe(false);
      expect(await connects(port, '127.0.0.1')).toBe(true);
    }
  });

  test('a port that is taken fails the start and leaves nothing listening', async () => {
    const taken = Number(new URL(emulators.endpoints.dynamodb).port);
    const free = await startEmulators();
    const freed = Number(new URL(free.endpoints.kinesis).port);
    await free.stop();
    await expect(startEmulators({ kinesis: freed, dynamodb: taken })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await connects(freed, '127.0.0.1')).toBe(false);
  });
});

async function connects(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  const connected = await Promise.race([once(socket, 'connect').then(() => true), refusal(socket)]);
  socket.destroy();
  return connected;
}

const refusal = (socket: ReturnType<typeof connect>): Promise<boolean> =>
  new Promise((resolve) => socket.once('error', () => resolve(false)));
