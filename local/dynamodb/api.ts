import type { ApiRequest, Dispatch } from '../emulators/front.ts';
import type { WireItem } from './wire.ts';
import type { IndexSchema, TableSchema } from './write-units.ts';

interface KeyElement {
  readonly AttributeName: string;
}

interface IndexDescription {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
}

interface TableDescription {
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
}

/** The observer's own questions to dynalite, asked with the headers of the client's request; they are not counted. */
export class TableApi {
  readonly #dispatch: Dispatch;

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
  }

  /** Keys and indexes of a table; nothing if there is no such table. */
  async schema(table: string, by: ApiRequest): Promise<TableSchema | undefined> {
    const answer = await this.#ask('DescribeTable', { TableName: table }, by);
    const description = answer?.Table as TableDescription | undefined;
    return description && schemaOf(description);
  }

  /** The stored item; nothing if there is none. */
  async item(table: string, key: WireItem, by: ApiRequest): Promise<WireItem | undefined> {
    const answer = await this.#ask('GetItem', { TableName: table, Key: key, ConsistentRead: true }, by);
    return answer?.Item as WireItem | undefined;
  }

  async #ask(operation: string, input: object, by: ApiRequest): Promise<Record<string, unknown> | undefined> {
    const headers = { ...by.headers, 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const response = await this.#dispatch({ ...by, headers, body: Buffer.from(JSON.stringify(input)) });
    return response.status === 200 ? JSON.parse(response.body.toString()) : undefined;
  }
}

function schemaOf(description: TableDescription): TableSchema {
  const indexes = [...(description.GlobalSecondaryIndexes ?? []), ...(description.LocalSecondaryIndexes ?? [])];
  return { keys: names(description.KeySchema), indexes: indexes.map(indexOf) };
}

const indexOf = (index: IndexDescription): IndexSchema => ({
  name: index.IndexName,
  keys: names(index.KeySchema),
  projected: index.Projection.ProjectionType === 'ALL' ? 'all' : (index.Projection.NonKeyAttributes ?? []),
});

const names = (schema: readonly KeyElement[]): string[] => schema.map((element) => element.AttributeName);
