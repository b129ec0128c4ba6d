import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { eachLimit } from '../../../lambdas/runtime/attempt.ts';
import { segmentShards } from '../../../lambdas/systems/profiles/segment.ts';
import { SEGMENT_INDEX } from '../../../lambdas/systems/profiles/system.ts';
import type { ListedSegment } from './model.ts';

/** The state table of a stage, and a client that may read it. */
export interface ProfilesTable {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

export type Item = Readonly<Record<string, unknown>>;

/** Requests to DynamoDB at a time. */
const REQUESTS = 8;

/** The item of a profile, read consistently; undefined if there is none. */
export async function itemOf({ client, name }: ProfilesTable, id: string): Promise<Item | undefined> {
  const answer = await client.send(
    new GetCommand({ TableName: name, Key: { [ATTRIBUTES.key]: id }, ConsistentRead: true }),
  );
  return answer.Item;
}

/**
 * Items of a segment, those that moved there last first, `limit` at most. The index is asked shard by shard, so what it does not yet show
 * is missing, and what has just left the segment is left out.
 */
export async function itemsOfSegment(
  table: ProfilesTable,
  segment: ListedSegment,
  limit: number,
): Promise<readonly Item[]> {
  const entries: IndexEntry[] = [];
  await eachLimit(segmentShards(segment), REQUESTS, async (shard) => {
    entries.push(...(await newestOfShard(table, shard, limit)));
  });
  entries.sort((a, b) => compare(b.since, a.since) || compare(a.id, b.id));
  const chosen = entries.slice(0, limit);
  const items = new Map<string, Item | undefined>();
  await eachLimit(chosen, REQUESTS, async ({ id }) => {
    items.set(id, await itemOf(table, id));
  });
  return chosen.flatMap(({ id }) => {
    const item = items.get(id);
    return item?.segment === segment ? [item] : [];
  });
}

/** All items of the table, a page at a time. */
export async function* allItems({ client, name }: ProfilesTable): AsyncGenerator<Item> {
  let from: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: name, ConsistentRead: true, ...(from ? { ExclusiveStartKey: from } : {}) }),
    );
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

interface IndexEntry {
  readonly id: string;
  readonly since: string;
}

async function newestOfShard(
  { client, name }: ProfilesTable,
  shard: string,
  limit: number,
): Promise<readonly IndexEntry[]> {
  const entries: IndexEntry[] = [];
  let from: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: name,
        IndexName: SEGMENT_INDEX.name,
        KeyConditionExpression: '#shard = :shard',
        ExpressionAttributeNames: { '#shard': SEGMENT_INDEX.partitionKey },
        ExpressionAttributeValues: { ':shard': shard },
        ScanIndexForward: false,
        Limit: limit - entries.length,
        ...(from ? { ExclusiveStartKey: from } : {}),
      }),
    );
    for (const item of page.Items ?? []) {
      entries.push({ id: String(item[ATTRIBUTES.key]), since: String(item[SEGMENT_INDEX.sortKey]) });
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined && entries.length < limit);
  return entries;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
