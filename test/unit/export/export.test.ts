import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { segmentShard } from '../../../lambdas/systems/profiles/segment.ts';
import { systemEnvironment } from '../../../local/cli/environment.ts';
import { exportProfiles } from '../../../local/cli/export/command.ts';
import { Pacer } from '../../../local/cli/export/pacer.ts';
import { scanPages, segmentPages } from '../../../local/cli/export/pages.ts';
import { Interrupted } from '../../../local/cli/interrupt.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../../local/cli/local-state.ts';
import { main } from '../../../local/cli/main.ts';
import { connect } from '../../../local/cli/profiles/connect.ts';
import { type Emulators, REGION, startEmulators } from '../../../local/emulators/emulators.ts';
import { captured } from '../cli/captured.ts';
import { activeItem, erasedItem } from './rows.ts';

const TABLE = 'the-profiles-table';
const IDS = Array.from({ length: 240 }, (_, n) => `user-${n}`);

let emulators: Emulators;
let directory: string;
let published: Disposable;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-export-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  emulators = await startEmulators();
  const { endpoints } = emulators;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: endpoints.dynamodb, region: REGION, credentials }),
  );
  await client.send(tableOfProfiles);
  const items = [...IDS.map(itemOf), erasedItem('erased'), { id: 'no profile' }];
  for (let at = 0; at < items.length; at += 25) {
    const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [TABLE]: puts } }));
  }
  client.destroy();
  const stacks = { 'Millrace-local-Stateful': { ProfilesTableName: TABLE } };
  published = publishLocalState({ pid: process.pid, region: REGION, endpoints, stacks });
});

afterAll(async () => {
  published[Symbol.dispose]();
  delete process.env[LOCAL_STATE_ENV];
  rmSync(directory, { recursive: true });
  await emulators.stop();
});

afterEach(() => emulators.setFaultHook());

/** Every third is in segment high; one of those has left it since the index was written, as it may seem for a moment. */
function itemOf(id: string, n: number): Record<string, unknown> {
  if (n % 3 > 0) return activeItem(id, { segment: 'none', segmentShard: undefined, segmentSince: undefined });
  return activeItem(id, { segment: n === 3 ? 'medium' : 'high', segmentShard: segmentShard('high', id) });
}

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

async function run(...args: string[]) {
  const { output, stdout, stderr } = captured();
  return { exitCode: await main(['profile', 'export', ...args], output), stdout: stdout(), stderr: stderr() };
}

const ids = (ndjson: string): string[] =>
  ndjson
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).id)
    .sort();

test.each([5, 1_000])('pages of %d rows hold every item of the table once', async (pageRows) => {
  using table = await connect('local');
  const pacer = new Pacer(Number.POSITIVE_INFINITY, systemEnvironment);
  const found: unknown[] = [];
  for await (const page of scanPages(table, { pacer, pageRows, signal: new AbortController().signal })) {
    found.push(...page.map(({ id }) => id));
  }
  expect(found.toSorted()).toEqual([...IDS, 'erased', 'no profile'].toSorted());
  expect(pacer.spent).toBeGreaterThan(0);
});

test('every profile of the table is exported once, and what is none is counted', async () => {
  const { exitCode, stdout, stderr } = await run('--format', 'ndjson', '--personal', '--rate', '1000');
  expect(ids(stdout)).toEqual([...IDS, 'erased'].toSorted());
  expect(stderr).toMatch(/Exported 241 profiles to standard output, for \d+ read units/);
  expect(stderr).toContain('Left out 1 item that no profile are');
  expect(exitCode).toBe(0);
});

test.each([4, 1_000])('pages of %d rows of the index hold every profile of a segment once', async (pageRows) => {
  using table = await connect('local');
  const pacer = new Pacer(Number.POSITIVE_INFINITY, systemEnvironment);
  const found: unknown[] = [];
  for await (const page of segmentPages(table, 'high', { pacer, pageRows, signal: new AbortController().signal })) {
    found.push(...page.map(({ id }) => id));
  }
  expect(found.toSorted()).toEqual(IDS.filter((_, n) => n % 3 === 0 && n !== 3).toSorted());
});

test('a segment is exported by its index, without who has left it', async () => {
  const scans: string[] = [];
  emulators.setFaultHook(({ operation }) => {
    scans.push(operation);
    return 'pass';
  });
  const { stdout } = await run('--format', 'ndjson', '--personal', '--segment', 'high');
  expect(ids(stdout)).toEqual(IDS.filter((_, n) => n % 3 === 0 && n !== 3).toSorted());
  expect(new Set(scans)).toEqual(new Set(['Query', 'BatchGetItem']));
});

test('what tells of a person stays out unless it is asked for, and the command says so', async () => {
  const { stdout, stderr } = await run('--format', 'csv');
  expect(stdout).not.toMatch(/user-|mug|_tx/);
  expect(stderr).toContain("Without personal data (--personal) and the protocol's attributes (--internal)");
});

test.each(['csv', 'ndjson', 'parquet'])('a file of %s is there once it is whole', async (format) => {
  const out = join(directory, `profiles.${format}`);
  expect((await run('--format', format, '--out', out)).exitCode).toBe(0);
  expect(readFileSync(out).length).toBeGreaterThan(1_000);
  expect(readdirSync(directory).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('an export that fails in the middle leaves no file behind', async () => {
  const out = join(directory, 'failed.csv');
  emulators.setFaultHook(({ operation }) => (operation === 'Scan' ? 'drop' : 'pass'));
  const { exitCode, stderr } = await run('--format', 'csv', '--out', out);
  expect(stderr).toMatch(/The profiles of stage local cannot be exported: \S+/);
  expect(exitCode).toBe(1);
  expect(existsSync(out) || existsSync(`${out}.part`)).toBe(false);
});

test('an interrupted export leaves no file behind', async () => {
  const out = join(directory, 'interrupted.csv');
  const interrupt = new AbortController();
  emulators.setFaultHook(({ operation }) => {
    if (operation === 'Scan') interrupt.abort(new Interrupted('SIGINT'));
    return 'pass';
  });
  const options = { stage: 'local', format: 'csv', out, personal: false, internal: false } as const;
  await expect(exportProfiles(options, captured().output, interrupt.signal)).rejects.toThrow(Interrupted);
  expect(existsSync(out) || existsSync(`${out}.part`)).toBe(false);
});

test.each<[string[], RegExp]>([
  [['--format', 'parquet'], /Parquet is no text for standard output: say --out FILE/],
  [['--format', 'csv', '--out', '/nowhere/x.csv'], /\/nowhere\/x\.csv cannot be written: .*ENOENT/],
])('%j is refused before anything is read', async (args, message) => {
  const { exitCode, stderr } = await run(...args);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(1);
});
