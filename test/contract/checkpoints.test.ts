import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoCheckpoints } from '../../lambdas/aws/dynamodb-checkpoints.ts';
import type { Position } from '../../lambdas/core/position.ts';
import type { Checkpoints } from '../../lambdas/runtime/ports.ts';
import { type LocalAws, localAws } from '../support/aws.ts';
import { memoryCheckpoints } from '../support/memory/edges.ts';

let aws: LocalAws;
let tables = 0;
beforeAll(async () => {
  aws = await localAws();
});
afterAll(() => aws.stop());

const NOW = Date.UTC(2026, 0, 1);
const signal = new AbortController().signal;
const position = (sequence: string): Position => ({
  stream: 'shop',
  shard: 'shardId-000000000000',
  sequence,
  index: 0,
});

describe.each<{ adapter: string; create: () => Promise<Checkpoints> }>([
  { adapter: 'in memory', create: async () => memoryCheckpoints() },
  {
    adapter: 'on DynamoDB',
    create: async () => dynamoCheckpoints(aws.dynamodb, await aws.createTable(`checkpoints-${tables++}`), () => NOW),
  },
])('checkpoints $adapter', ({ create }) => {
  test('exist once written, and no others do', async () => {
    const checkpoints = await create();
    await checkpoints.write({ token: 'a', shards: { 'shardId-000000000000': '7' }, atMs: NOW }, signal);
    expect(await checkpoints.existing(['a', 'b'], signal)).toEqual(new Set(['a']));
  });

  test('can be asked for many at once, and for none', async () => {
    const checkpoints = await create();
    const tokens = Array.from({ length: 150 }, (_, n) => `token-${n}`);
    await Promise.all(tokens.map((token) => checkpoints.write({ token, shards: {}, atMs: NOW }, signal)));
    expect(await checkpoints.existing([...tokens, 'missing'], signal)).toEqual(new Set(tokens));
    expect(await checkpoints.existing([], signal)).toEqual(new Set());
  });

  test('count attempts by position, until they are cleared', async () => {
    const checkpoints = await create();
    expect(await checkpoints.countAttempt(position('1'), signal)).toBe(1);
    expect(await checkpoints.countAttempt(position('1'), signal)).toBe(2);
    expect(await checkpoints.countAttempt(position('2'), signal)).toBe(1);
    await checkpoints.clearAttempts(position('1'), signal);
    expect(await checkpoints.countAttempt(position('1'), signal)).toBe(1);
    expect(await checkpoints.countAttempt(position('2'), signal)).toBe(2);
  });

  test('may be cleared of attempts that were never counted', async () => {
    await expect((await create()).clearAttempts(position('9'), signal)).resolves.toBeUndefined();
  });
});

test('a checkpoint on DynamoDB tells how far each shard has come, and expires after 90 days', async () => {
  const TableName = await aws.createTable(`checkpoints-${tables++}`);
  const checkpoints = dynamoCheckpoints(aws.dynamodb, TableName, () => NOW);
  await checkpoints.write({ token: 'a', shards: { 'shardId-000000000003': '42' }, atMs: NOW }, signal);
  const { Item } = await aws.documents.send(new GetCommand({ TableName, Key: { id: 'tx#a' } }));
  expect(Item).toMatchObject({ positions: { 'shardId-000000000003': '42' }, expiresAt: NOW / 1000 + 90 * 86_400 });
});
