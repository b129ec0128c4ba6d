import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { CHECKPOINT_ATTRIBUTES } from '../../../lambdas/core/names.ts';
import { compareSequence } from '../../../lambdas/core/position.ts';

/** How far some invocation came in a shard. */
export interface Checkpoint {
  readonly sequenceNumber: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** The furthest checkpoint of each shard among those that were read. */
export interface Checkpoints {
  readonly byShard: ReadonlyMap<string, Checkpoint>;
  /** false: there are more than were read. Items lie in no order, so a further one may be among them. */
  readonly all: boolean;
}

/** Pages of 1 MB that are read: about 10,000 checkpoints, for 256 read units. A table that holds 90 days of them may be far larger. */
const MOST_PAGES = 2;

/** Reads the furthest checkpoint of each shard, as far as a bounded scan finds it. */
export async function readCheckpoints(documents: DynamoDBDocumentClient, table: string): Promise<Checkpoints> {
  const { positions, at } = CHECKPOINT_ATTRIBUTES;
  const byShard = new Map<string, Checkpoint>();
  let from: Record<string, unknown> | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await documents.send(
      new ScanCommand({
        TableName: table,
        ProjectionExpression: '#positions, #at',
        FilterExpression: 'attribute_exists(#positions)',
        ExpressionAttributeNames: { '#positions': positions, '#at': at },
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    for (const item of answer.Items ?? []) keepFurthest(byShard, item[positions], Number(item[at]));
    from = answer.LastEvaluatedKey;
    if (from === undefined) return { byShard, all: true };
  }
  return { byShard, all: false };
}

function keepFurthest(
  byShard: Map<string, Checkpoint>,
  positions: Readonly<Record<string, string>>,
  atMs: number,
): void {
  for (const [shardId, sequenceNumber] of Object.entries(positions)) {
    const known = byShard.get(shardId);
    if (known !== undefined && compareSequence(known.sequenceNumber, sequenceNumber) >= 0) continue;
    byShard.set(shardId, { sequenceNumber, atMs });
  }
}
