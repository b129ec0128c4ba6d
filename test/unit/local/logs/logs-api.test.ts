import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  PutLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { type Front, startServer } from '../../../../local/emulators/front.ts';
import { logGroupsOf } from '../../../../local/logs/log-groups.ts';
import { logsApi } from '../../../../local/logs/logs-api.ts';

/** CloudWatch Logs' local API, as its own client sees it. */

const line = (id: number, logStream: string, text: string) => ({ id, logStream, text, timestampMs: 1_000 * id });
/** Two functions write into one group. */
const SOURCES = [
  { logGroup: 'shop', lines: () => [line(1, 'a', 'first'), line(4, 'a', '{"level":"ERROR"}')] },
  { logGroup: 'api', lines: () => [line(2, 'c', 'asked')] },
  { logGroup: 'shop', lines: () => [line(3, 'b', 'third')] },
  { logGroup: 'quiet', lines: () => [] },
];

let front: Front;
let client: CloudWatchLogsClient;

beforeAll(async () => {
  front = await startServer(logsApi(() => logGroupsOf(SOURCES)));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new CloudWatchLogsClient({ endpoint: front.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await front.close();
});

async function messages(input: Partial<FilterLogEventsCommandInput> = {}): Promise<readonly (string | undefined)[]> {
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: 'shop', ...input }));
  return events.map(({ message }) => message);
}

test('events of a group come in the order of writing, whoever wrote them', async () => {
  expect(await messages()).toEqual(['first', 'third', '{"level":"ERROR"}']);
  expect(await messages({ logGroupName: 'api' })).toEqual(['asked']);
  expect(await messages({ logGroupName: 'quiet' })).toEqual([]);
});

test.each<[Partial<FilterLogEventsCommandInput>, string[]]>([
  [{ startTime: 3_000, endTime: 3_000 }, ['third']],
  [{ startTime: 3_001 }, ['{"level":"ERROR"}']],
  [{ filterPattern: '{ $.level = "ERROR" }' }, ['{"level":"ERROR"}']],
  [{ filterPattern: 'first' }, ['first']],
  [{ logStreamNames: ['b'] }, ['third']],
  [{ logStreamNamePrefix: 'a' }, ['first', '{"level":"ERROR"}']],
])('events by %j', async (input, expected) => {
  expect(await messages(input)).toEqual(expected);
});

test('an event says when, where and what', async () => {
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: 'shop', limit: 1 }));
  expect(events).toEqual([
    { eventId: '00000000000000000001', timestamp: 1_000, ingestionTime: 1_000, logStreamName: 'a', message: 'first' },
  ]);
});

test('pages hold every event once', async () => {
  const pages: number[] = [];
  const seen: (string | undefined)[] = [];
  for await (const { events = [] } of paginateFilterLogEvents({ client, pageSize: 2 }, { logGroupName: 'shop' })) {
    pages.push(events.length);
    seen.push(...events.map(({ eventId }) => eventId));
  }
  expect(pages).toEqual([2, 1]);
  expect(new Set(seen).size).toBe(3);
});

test('log groups are found by prefix and by a part of the name, a page at a time', async () => {
  const names = async (input: object) => {
    const { logGroups = [], nextToken } = await client.send(new DescribeLogGroupsCommand(input));
    return [logGroups.map(({ logGroupName }) => logGroupName), nextToken];
  };
  expect(await names({})).toEqual([['api', 'quiet', 'shop'], undefined]);
  expect(await names({ logGroupNamePrefix: 's' })).toEqual([['shop'], undefined]);
  expect(await names({ logGroupNamePattern: 'ui' })).toEqual([['quiet'], undefined]);
  expect(await names({ limit: 2 })).toEqual([['api', 'quiet'], 'quiet']);
  expect(await names({ limit: 2, nextToken: 'quiet' })).toEqual([['shop'], undefined]);
});

test('what it does not have, and what is wrong, is refused by name', async () => {
  await expect(messages({ logGroupName: 'gone' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: expect.stringContaining('gone'),
  });
  await expect(messages({ filterPattern: '{ level }' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining('a selector such as $.level was expected'),
  });
  await expect(messages({ limit: 10_001 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(messages({ unmask: true })).rejects.toThrow(/unmask/);
  const put = new PutLogEventsCommand({ logGroupName: 'shop', logStreamName: 'a', logEvents: [] });
  await expect(client.send(put)).rejects.toThrow(/CloudWatch Logs does not know PutLogEvents/);
});
