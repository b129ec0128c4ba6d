import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { rethrow } from '../aws/errors.ts';
import { ATTRIBUTES } from '../core/names.ts';
import type { IndexRead, Rows } from './rows.ts';

const PORT = 'rows';

/** The rows of a DynamoDB table. */
export function dynamoRows(client: DynamoDBDocumentClient, table: string): Rows {
  return {
    get: async (key, consistent) => {
      const command = new GetCommand({
        TableName: table,
        Key: { [ATTRIBUTES.key]: key },
        ConsistentRead: consistent,
      });
      return (await sent(client.send(command))).Item;
    },
    page: async (read) => {
      const { Items = [], LastEvaluatedKey } = await sent(client.send(queryOf(table, read)));
      return { items: Items, ...(LastEvaluatedKey === undefined ? {} : { next: LastEvaluatedKey }) };
    },
  };
}

async function sent<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    return rethrow(PORT, error);
  }
}

function queryOf(table: string, { index, partition, bound, after, limit }: IndexRead): QueryCommand {
  return new QueryCommand({
    TableName: table,
    IndexName: index.name,
    KeyConditionExpression: `#partition = :partition${bound === undefined ? '' : ` AND #sort ${bound.operator} :sort`}`,
    ExpressionAttributeNames: {
      '#partition': index.partitionKey,
      ...(bound === undefined ? {} : { '#sort': index.sortKey }),
    },
    ExpressionAttributeValues: { ':partition': partition, ...(bound === undefined ? {} : { ':sort': bound.sort }) },
    ScanIndexForward: false,
    Limit: limit,
    ...(after === undefined ? {} : { ExclusiveStartKey: after as Record<string, unknown> }),
  });
}
