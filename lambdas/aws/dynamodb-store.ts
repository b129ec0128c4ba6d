import { ATTRIBUTES } from '../core/names.ts';
import { fromAttributes, type Row, toAttributes, UnreadableRow } from '../core/row.ts';
import { type ReadResult, type StateStore, TransientError } from '../runtime/ports.ts';
import { toWire } from './attribute-values.ts';
import { batchGet } from './batch-get.ts';
import type { DynamoDb } from './dynamodb.ts';
import { rethrow } from './errors.ts';

const PORT = 'store';

/** State rows in a DynamoDB table: reads by BatchGetItem, one conditional put a commit. */
export function dynamoStore(call: DynamoDb, table: string): StateStore {
  return {
    read: async (keys, consistent, signal) => {
      const request = { call, table, keyAttribute: ATTRIBUTES.key, consistent, port: PORT, signal };
      const { items, unprocessed } = await batchGet(keys, request);
      return new Map(keys.map((key) => [key, unprocessed.has(key) ? left() : readItem(items.get(key))]));
    },
    commit: async (row, over, signal) => {
      const input = { TableName: table, Item: toWire(toAttributes(row)), ...conditionOf(over) };
      try {
        await call('PutItem', input, signal);
        return 'committed';
      } catch (error) {
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return 'conflict';
        return rethrow(PORT, error);
      }
    },
  };
}

const left = (): TransientError => new TransientError('store.throttled', 'DynamoDB left the key unprocessed');

function readItem(item: Record<string, unknown> | undefined): ReadResult {
  if (item === undefined) return undefined;
  try {
    return fromAttributes(item);
  } catch (error) {
    if (error instanceof UnreadableRow) return new TransientError('state.unreadable', error.message, { cause: error });
    throw error;
  }
}

const conditionOf = (over: Row | undefined) =>
  over === undefined
    ? { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': ATTRIBUTES.key } }
    : {
        ConditionExpression: '#version = :version AND #epoch = :epoch',
        ExpressionAttributeNames: { '#version': ATTRIBUTES.version, '#epoch': ATTRIBUTES.epoch },
        ExpressionAttributeValues: toWire({ ':version': over.version, ':epoch': over.epoch }),
      };
