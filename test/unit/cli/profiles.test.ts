import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Segment, segmentShard } from '../../../lambdas/systems/profiles/segment.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../../local/cli/local-state.ts';
import { main } from '../../../local/cli/main.ts';
import { allItems, type ProfilesTable } from '../../../local/cli/profiles/queries.ts';
import { type Emulators, REGION, startEmulators } from '../../../local/emulators/emulators.ts';
import { captured } from './captured.ts';
import { collect } from './collect.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const TABLE = 'the-profiles-table';

let emulators: Emulators;
let table: ProfilesTable;
let directory: string;
let published: Disposable;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-profiles-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  emulators = await startEmulators();
  const { endpoints } = emulators;
  const config = { endpoint: endpoints.dynamodb, region: REGION, credentials };
  table = { client: DynamoDBDocumentClient.from(new DynamoDBClient(config)), name: TABLE };
  await table.client.send(tableOfProfiles);
  const stacks = { 'Millrace-local-Stateful': { ProfilesTableName: TABLE } };
  published = publishLocalState({ pid: process.pid, region: REGION, endpoints, stacks });
});

afterAll(async () => {
  published[Symbol.dispose]();
  delete process.env[LOCAL_STATE_ENV];
  rmSync(directory, { recursive: true });
  table.client.destroy();
  await emulators.stop();
});

/** As the template has it. */
const tableOfProfiles = new CreateTableCommand({
  TableName: TABLE,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['id', 'segmentShard', 'segmentSince'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'bySegment',
      KeySchema: [
        { AttributeName: 'segmentShard', KeyType: 'HASH' },
        { AttributeName: 'segmentSince', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
});

const since = (minute: number) => `2022-10-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

interface Stored {
  readonly segment: Segment;
  readonly minute: number;
  /** Where the index still has it. */
  readonly indexedAs?: Segment;
  readonly padding?: string;
}

async function store(id: string, { segment, minute, indexedAs = segment, padding }: Stored): Promise<void> {
  const profile = {
    status: 'active',
    cart: [{ productId: 'p1', quantity: 2, unitPrice: 262, currency: 'USD' }],
    cartValue: { USD: 524 },
    totalSpend: { USD: 6_000 },
    orders: { USD: 3 },
    recentProducts: ['p1'],
    segment,
    segmentShard: segmentShard(indexedAs, id),
    segmentSince: since(minute),
    firstSeen: since(0),
    lastSeen: since(minute),
  };
  const protocol = { _v: 7, _e: 'epoch', _s: 1, _pos: {}, _ids: new Uint8Array(), padding };
  await table.client.send(
    new PutCommand({ TableName: TABLE, Item: JSON.parse(JSON.stringify({ id, ...profile, ...protocol })) }),
  );
}

async function run(...args: string[]) {
  const { output, stdout, stderr } = captured();
  return { exitCode: await main(['profile', ...args], output), stdout: stdout(), stderr: stderr() };
}

describe('profile get', () => {
  beforeAll(() => store('ada', { segment: 'medium', minute: 5 }));

  test('shows a profile in units that people read', async () => {
    const { exitCode, stdout } = await run('get', 'ada');
    expect(stdout).toBe(`ada  (active, version 7)
  Segment   medium
  Spent     USD 60.00 in 3 orders
  Cart      USD 5.24 in 1 product
            2 × p1 at USD 2.62
  Seen      2022-10-01T00:00:00.000Z to 2022-10-01T00:05:00.000Z
  Recent    p1
`);
    expect(exitCode).toBe(0);
  });

  test('--json gives the state without what belongs to the protocol', async () => {
    const { stdout } = await run('get', 'ada', '--json');
    const { id, version, profile } = JSON.parse(stdout);
    expect([id, version, profile.totalSpend]).toEqual(['ada', 7, { USD: 6_000 }]);
    expect(Object.keys(profile).filter((name) => name.startsWith('_'))).toEqual([]);
  });

  test('--wait looks until the profile is there', async () => {
    const waiting = run('get', 'late', '--wait', '60', '--json');
    await store('late', { segment: 'none', minute: 6 });
    const { exitCode, stdout } = await waiting;
    expect([exitCode, JSON.parse(stdout).id]).toEqual([0, 'late']);
  });

  test('says that there is none, with exit code 1 and nothing on standard output', async () => {
    expect(await run('get', 'nobody', '--json')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'There is no profile nobody in stage local\n',
    });
  });

  test('shows what is left of an erased profile', async () => {
    const Item = { id: 'gone', _v: 9, _s: 2, status: 'erased', erasedAt: since(9) };
    await table.client.send(new PutCommand({ TableName: TABLE, Item }));
    const { stdout } = await run('get', 'gone');
    expect(stdout).toBe('gone  (erased, version 9)\n  Erased    2022-10-01T00:09:00.000Z\n');
  });

  test('shows a row of another form as it is, but not as a profile', async () => {
    await table.client.send(
      new PutCommand({ TableName: TABLE, Item: { id: 'odd', _v: 1, _s: 2, status: 'sleeping' } }),
    );
    const shown = await run('get', 'odd');
    expect(shown.exitCode).toBe(1);
    expect(shown.stderr).toMatch(/^Profile odd is not of this version's form \(status: .*--json/);
    expect((await run('get', 'odd', '--json')).stdout).toBe(
      '{"id":"odd","version":1,"profile":{"status":"sleeping"}}\n',
    );
  });
});

describe('profile list', () => {
  const ids = Array.from({ length: 40 }, (_, nth) => `user-${nth}`);

  beforeAll(async () => {
    for (const [minute, id] of ids.entries()) await store(id, { segment: 'high', minute });
    await store('promoted', { segment: 'high', minute: 59, indexedAs: 'low' });
    await store('steady', { segment: 'low', minute: 1 });
  });

  const listed = (stdout: string): string[] => JSON.parse(stdout).map(({ id }: { id: string }) => id);

  test('finds a segment in all of its index shards, who moved there last first', async () => {
    const { stdout, exitCode } = await run('list', '--segment', 'high', '--limit', '100', '--json');
    expect(listed(stdout)).toEqual(ids.toReversed());
    expect(new Set(ids.map((id) => segmentShard('high', id))).size).toBeGreaterThan(8);
    expect(exitCode).toBe(0);
  });

  test('takes the last of all shards, not of the first ones', async () => {
    const { stdout } = await run('list', '--segment', 'high', '--limit', '3', '--json');
    expect(listed(stdout)).toEqual(['user-39', 'user-38', 'user-37']);
  });

  test('leaves out who has left the segment but not yet the index', async () => {
    expect(listed((await run('list', '--segment', 'low', '--json')).stdout)).toEqual(['steady']);
  });

  test('shows a table', async () => {
    const { stdout, stderr } = await run('list', '--segment', 'low');
    expect(stdout.split('\n')).toEqual([
      'id      segment  spent      orders  cart      last seen',
      'steady  low      USD 60.00  3       USD 5.24  2022-10-01T00:01:00.000Z',
      '',
    ]);
    expect(stderr).toBe('1 profile in segment low\n');
  });
});

test('reading all items follows the pages of a scan', async () => {
  const padding = 'x'.repeat(300 * 1024);
  const large = Array.from({ length: 5 }, (_, nth) => `large-${nth}`);
  for (const id of large) await store(id, { segment: 'none', minute: 0, padding });
  const items = await collect(allItems(table));
  expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(large));
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
});

describe('--stage of AWS', () => {
  const answers: { stackName: string | undefined; xml: string; status: number } = {
    stackName: undefined,
    xml: '',
    status: 200,
  };
  const saved = { ...process.env };
  let cloudformation: Server;

  beforeAll(async () => {
    cloudformation = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        answers.stackName = new URLSearchParams(body).get('StackName') ?? undefined;
        response.writeHead(answers.status, { 'content-type': 'text/xml' }).end(answers.xml);
      });
    });
    cloudformation.listen(0, '127.0.0.1');
    await once(cloudformation, 'listening');
    const { port } = cloudformation.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${port}`,
      AWS_ENDPOINT_URL_DYNAMODB: emulators.endpoints.dynamodb,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  });

  afterAll(async () => {
    process.env = saved;
    cloudformation.closeAllConnections();
    cloudformation.close();
    await once(cloudformation, 'close');
  });

  const described = (outputs: string): string =>
    `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>s</StackName><Outputs>${outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

  test("finds the table by the outputs of the stage's stack", async () => {
    answers.status = 200;
    answers.xml = described(
      `<member><OutputKey>Other</OutputKey><OutputValue>x</OutputValue></member><member><OutputKey>ProfilesTableName</OutputKey><OutputValue>${TABLE}</OutputValue></member>`,
    );
    await store('grace', { segment: 'medium', minute: 6 });
    const { stdout, exitCode } = await run('get', 'grace', '--stage', 'prod');
    expect(answers.stackName).toBe('Millrace-prod-Stateful');
    expect(stdout).toMatch(/^grace {2}\(active/);
    expect(exitCode).toBe(0);
  });

  test.each([
    [
      'is not deployed',
      400,
      '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Millrace-prod-Stateful does not exist</Message></Error></ErrorResponse>',
      /Stage prod cannot be found by its stack Millrace-prod-Stateful: Stack with id Millrace-prod-Stateful does not exist/,
    ],
    [
      'is of a version without the output',
      200,
      described(''),
      /Stack Millrace-prod-Stateful has no output ProfilesTableName: deploy stage prod/,
    ],
  ])('says so if the stack %s', async (_, status, xml, message) => {
    Object.assign(answers, { status, xml });
    const { exitCode, stderr, stdout } = await run('get', 'grace', '--stage', 'prod');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([exitCode, stdout]).toEqual([1, '']);
  });
});
