import { BatchGetCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { eachLimit } from '../../../lambdas/runtime/attempt.ts';
import { segmentShards } from '../../../lambdas/systems/profiles/segment.ts';
import { SEGMENT_INDEX } from '../../../lambdas/systems/profiles/system.ts';
import type { ListedSegment } from '../profiles/model.ts';
import type { Item, ProfilesTable } from '../profiles/queries.ts';
import { Channel } from '../tail/channel.ts';
import type { Pacer } from './pacer.ts';

export interface PageOptions {
  readonly pacer: Pacer;
  /** Rows a request asks for at most, so that one request does not take the units of many seconds. Absent: a page of 1 MB. */
  readonly pageRows?: number;
  readonly signal: AbortSignal;
}

/** Parts of a table that are scanned side by side. */
const SEGMENTS = 4;
/** Shards of the index that are queried side by side. */
const SHARDS_AT_ONCE = 4;
/** The most keys of one BatchGetItem. */
const MOST_KEYS = 100;
/** Pages that wait for the writer. */
const WAITING = 4;

type Page = readonly Item[];
type Push = (page: Page) => Promise<boolean>;

/** Every row of the table, in no order, eventually consistent: a row that is written meanwhile is there once, as it was or as it is. */
export const scanPages = (table: ProfilesTable, options: PageOptions): AsyncIterable<Page> => {
  const segments = Array.from({ length: SEGMENTS }, (_, segment) => segment);
  return merged(segments, SEGMENTS, (segment, push) => scanSegment(table, segment, options, push));
};

/** The rows of a spend segment, by the index: read units for them alone, and not for the whole table. */
export const segmentPages = (table: ProfilesTable, segment: ListedSegment, options: PageOptions): AsyncIterable<Page> =>
  merged(segmentShards(segment), SHARDS_AT_ONCE, (shard, push) => queryShard(table, { segment, shard }, options, push));

/** Pages of all parts as they come. The first failure ends it, and so does whoever stops reading; what is under way is waited for. */
async function* merged<T>(
  parts: readonly T[],
  atOnce: number,
  read: (part: T, push: Push) => Promise<void>,
): AsyncGenerator<Page> {
  const channel = new Channel<Page>(WAITING);
  const push: Push = async (page) => page.length === 0 || channel.push(page);
  const readOne = (part: T): Promise<void> => read(part, push).catch((error: unknown) => channel.close({ error }));
  const reading = eachLimit(parts, atOnce, readOne).then(() => channel.close());
  try {
    yield* channel;
  } finally {
    channel.close();
    await reading;
  }
}

async function scanSegment(
  { client, name }: ProfilesTable,
  segment: number,
  { pacer, pageRows, signal }: PageOptions,
  push: Push,
): Promise<void> {
  let from: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: name,
        Segment: segment,
        TotalSegments: SEGMENTS,
        ReturnConsumedCapacity: 'TOTAL',
        ...(pageRows === undefined ? {} : { Limit: pageRows }),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
      { abortSignal: signal },
    );
    await pacer.spend(page.ConsumedCapacity?.CapacityUnits ?? 0, signal);
    if (!(await push(page.Items ?? []))) return;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

async function queryShard(
  table: ProfilesTable,
  { segment, shard }: { readonly segment: ListedSegment; readonly shard: string },
  options: PageOptions,
  push: Push,
): Promise<void> {
  const { pacer, pageRows = MOST_KEYS, signal } = options;
  let from: Item | undefined;
  do {
    const page = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: SEGMENT_INDEX.name,
        KeyConditionExpression: '#shard = :shard',
        ExpressionAttributeNames: { '#shard': SEGMENT_INDEX.partitionKey },
        ExpressionAttributeValues: { ':shard': shard },
        ReturnConsumedCapacity: 'TOTAL',
        Limit: Math.min(pageRows, MOST_KEYS),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
      { abortSignal: signal },
    );
    await pacer.spend(page.ConsumedCapacity?.CapacityUnits ?? 0, signal);
    const rows = await rowsOf(table, page.Items ?? [], options);
    // The index is behind the rows: who has left the segment meanwhile is none of it.
    if (!(await push(rows.filter((row) => row.segment === segment)))) return;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

async function rowsOf({ client, name }: ProfilesTable, entries: Page, { pacer, signal }: PageOptions): Promise<Page> {
  const rows: Item[] = [];
  let keys: Record<string, unknown>[] = entries.map(({ [ATTRIBUTES.key]: id }) => ({ [ATTRIBUTES.key]: id }));
  while (keys.length > 0) {
    const {
      Responses,
      UnprocessedKeys,
      ConsumedCapacity = [],
    } = await client.send(
      new BatchGetCommand({ RequestItems: { [name]: { Keys: keys } }, ReturnConsumedCapacity: 'TOTAL' }),
      { abortSignal: signal },
    );
    await pacer.spend(
      ConsumedCapacity.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0),
      signal,
    );
    rows.push(...(Responses?.[name] ?? []));
    keys = UnprocessedKeys?.[name]?.Keys ?? [];
  }
  return rows;
}
