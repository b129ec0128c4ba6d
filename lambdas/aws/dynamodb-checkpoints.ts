import { CHECKPOINT_ATTRIBUTES } from '../core/names.ts';
import type { Position } from '../core/position.ts';
import type { Checkpoints } from '../runtime/ports.ts';
import { fromWire, toWire } from './attribute-values.ts';
import { batchGet } from './batch-get.ts';
import type { DynamoDb } from './dynamodb.ts';
import { rethrow } from './errors.ts';

const PORT = 'checkpoints';
const DAY_SECONDS = 24 * 3600;
/**
 * How long a checkpoint is kept. A row that is touched later finds none and sends its last effects once more, under their old ids: rare
 * and harmless, while keeping every checkpoint for ever would not be cheap.
 */
const CHECKPOINT_DAYS = 90;
/** Attempts matter while the record is in the stream: at most 365 days, in practice minutes. */
const ATTEMPT_DAYS = 14;

/** Checkpoints and attempts in one small DynamoDB table with a time to live. */
export function dynamoCheckpoints(call: DynamoDb, table: string, nowMs: () => number): Checkpoints {
  const { key, expiresAt, positions, at, attempts } = CHECKPOINT_ATTRIBUTES;
  const expiry = (days: number): number => Math.floor(nowMs() / 1000) + days * DAY_SECONDS;
  return {
    write: async ({ token, shards, atMs }, signal) => {
      const Item = {
        [key]: checkpointKey(token),
        [positions]: shards,
        [at]: atMs,
        [expiresAt]: expiry(CHECKPOINT_DAYS),
      };
      await send(() => call('PutItem', { TableName: table, Item: toWire(Item) }, signal));
    },
    existing: async (tokens, signal) => {
      const request = { call, table, keyAttribute: key, consistent: false, port: PORT, signal };
      const { items } = await batchGet(tokens.map(checkpointKey), request);
      return new Set(tokens.filter((token) => items.has(checkpointKey(token))));
    },
    countAttempt: async (position, signal) => {
      const input = {
        TableName: table,
        Key: toWire({ [key]: attemptKey(position) }),
        UpdateExpression: 'ADD #attempts :one SET #expiresAt = :expiresAt',
        ExpressionAttributeNames: { '#attempts': attempts, '#expiresAt': expiresAt },
        ExpressionAttributeValues: toWire({ ':one': 1, ':expiresAt': expiry(ATTEMPT_DAYS) }),
        ReturnValues: 'UPDATED_NEW',
      } as const;
      const { Attributes = {} } = await send(() => call('UpdateItem', input, signal));
      return Number(fromWire(Attributes)[attempts]);
    },
    clearAttempts: async (position, signal) => {
      const Key = toWire({ [key]: attemptKey(position) });
      await send(() => call('DeleteItem', { TableName: table, Key }, signal));
    },
  };
}

const checkpointKey = (token: string): string => `tx#${token}`;
const attemptKey = ({ stream, shard, sequence, index }: Position): string =>
  `attempts#${stream}/${shard}/${sequence}/${index}`;

async function send<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    return rethrow(PORT, error);
  }
}
