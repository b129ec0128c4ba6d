import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { CHECKPOINT_ATTRIBUTES } from '../../../lambdas/core/names.ts';
import type { RedriveMark } from '../../../lambdas/core/redrive.ts';
import type { Edges } from './engine.ts';

/** A queue keeps a message for 14 days at most: a mark outlives whatever could ask for it. */
const KEPT_DAYS = 30;

const { key: KEY, expiresAt: EXPIRES } = CHECKPOINT_ATTRIBUTES;
const TOKEN = 'token';

/** The marks of redrives, beside the checkpoints of the system. Requests that fail throw what the client throws. */
export function dynamoMarks(
  client: DynamoDBDocumentClient,
  TableName: string,
  nowMs: () => number,
): Pick<Edges, 'readMark' | 'writeMark' | 'undoMark'> {
  const keyOf = (markId: string) => ({ [KEY]: `redrive#${markId}` });
  const readMark = async (markId: string): Promise<RedriveMark | undefined> => {
    const command = new GetCommand({ TableName, Key: keyOf(markId), ConsistentRead: true });
    const { Item } = await client.send(command);
    return Item === undefined ? undefined : markIn(Item);
  };
  const put = (markId: string, mark: RedriveMark, over: RedriveMark | undefined): PutCommand =>
    new PutCommand({
      TableName,
      Item: { ...keyOf(markId), ...mark, [EXPIRES]: Math.floor(nowMs() / 1000) + KEPT_DAYS * 24 * 3600 },
      ...conditionOf(over),
    });
  return {
    readMark,
    writeMark: async (markId, mark, over) => {
      try {
        await client.send(put(markId, mark, over));
        return 'written';
      } catch (error) {
        if (!isConflict(error)) throw error;
        // The client may have repeated a put whose answer was lost: then the conflict is with ourselves.
        const found = await readMark(markId);
        return found?.token === mark.token && found.sequence === mark.sequence ? 'written' : 'conflict';
      }
    },
    undoMark: async (markId, mark, over) => {
      try {
        if (over !== undefined) await client.send(put(markId, over, mark));
        else await client.send(new DeleteCommand({ TableName, Key: keyOf(markId), ...conditionOf(mark) }));
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    },
  };
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

const conditionOf = (over: RedriveMark | undefined) =>
  over === undefined
    ? { ConditionExpression: 'attribute_not_exists(#key)', ExpressionAttributeNames: { '#key': KEY } }
    : {
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': TOKEN },
        ExpressionAttributeValues: { ':token': over.token },
      };

function markIn({ token, firstMs, lastMs, sequence }: Record<string, unknown>): RedriveMark {
  return {
    token: String(token),
    firstMs: Number(firstMs),
    lastMs: Number(lastMs),
    ...(sequence === undefined ? {} : { sequence: String(sequence) }),
  };
}
