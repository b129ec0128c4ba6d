import {
  type ApiRequest,
  type ApiResponse,
  type ConsumedUnits,
  type Dispatch,
  operationOf,
} from '../emulators/front.ts';
import { TableApi } from './api.ts';
import { noCounts, type TableCounts } from './counts.ts';
import { KeyLock } from './key-lock.ts';
import { plainItem, type WireItem } from './wire.ts';
import { refusedWriteUnits, type TableSchema, type WriteUnits, writeUnits, writeUnitsByIndex } from './write-units.ts';

/** One item of a write request. */
interface Write {
  readonly table: string;
  readonly kind: 'puts' | 'updates' | 'deletes';
  /** The item of a put, the key of an update or a delete. */
  readonly item: WireItem;
}

interface PlannedWrite extends Write {
  readonly schema: TableSchema;
  readonly key: WireItem;
}

/**
 * Counts what passes to dynalite, per table, and what AWS would bill for the writes, which dynalite does not know.
 * Writes to one item pass one at a time, so the item before and after each is known exactly. Requests that dynalite
 * refuses for any reason but their condition are not counted, and neither are operations that it does not have.
 */
export class TableObserver {
  readonly #emulator: Dispatch;
  readonly #api: TableApi;
  readonly #schemas = new Map<string, TableSchema>();
  readonly #counts = new Map<string, TableCounts>();
  readonly #lock = new KeyLock();

  constructor(emulator: Dispatch) {
    this.#emulator = emulator;
    this.#api = new TableApi(emulator);
  }

  /** A copy of the counts of a table; zeros if nothing was asked of it. */
  counts(table: string): TableCounts {
    return { ...(this.#counts.get(table) ?? noCounts()) };
  }

  readonly dispatch: Dispatch = async (request) => {
    const writes = writesOf(request);
    if (writes.length > 0) return this.#write(request, writes);
    const response = await this.#emulator(request);
    if (response.status === 200) this.#countRead(request);
    return response;
  };

  async #write(request: ApiRequest, writes: readonly Write[]): Promise<ApiResponse> {
    const planned: PlannedWrite[] = [];
    for (const write of writes) {
      const schema = await this.#schema(write.table, request);
      const key = schema && keyOf(schema, write.item);
      // Without table or key the request is invalid, and dynalite says how.
      if (!schema || !key) return this.#emulator(request);
      planned.push({ ...write, schema, key });
    }
    const locks = planned.map(({ table, key }) => JSON.stringify([table, key]));
    return this.#lock.exclusive(locks, () => this.#observe(request, planned));
  }

  async #observe(request: ApiRequest, writes: readonly PlannedWrite[]): Promise<ApiResponse> {
    const before = await Promise.all(writes.map(({ table, key }) => this.#api.item(table, key, request)));
    const response = await this.#emulator(request);
    if (response.status !== 200 && !isConditionFailure(response)) return response;
    const consumed = await Promise.all(
      writes.map(async (write, i) => {
        const existing = plain(before[i]);
        if (response.status === 200) return this.#accepted(write, existing, plain(await this.#after(write, request)));
        return this.#refused(write, existing);
      }),
    );
    return { ...response, writeUnits: consumed.flat() };
  }

  #accepted({ table, kind, schema }: PlannedWrite, before: Plain, after: Plain): ConsumedUnits[] {
    const counts = this.#of(table);
    const units = writeUnits(schema, before, after);
    counts[kind] += 1;
    bill(counts, units);
    const ofIndexes = [...writeUnitsByIndex(schema, before, after)].map(([index, of]) => ({ table, index, units: of }));
    return [{ table, units: units.table }, ...ofIndexes.filter((index) => index.units > 0)];
  }

  #refused({ table, kind, item }: PlannedWrite, existing: Plain): ConsumedUnits[] {
    const counts = this.#of(table);
    const units = refusedWriteUnits(existing, kind === 'puts' ? plain(item) : undefined);
    counts.conditionFailures += 1;
    bill(counts, units);
    return [{ table, units: units.table }];
  }

  async #after(write: PlannedWrite, request: ApiRequest): Promise<WireItem | undefined> {
    if (write.kind === 'puts') return write.item;
    return write.kind === 'deletes' ? undefined : this.#api.item(write.table, write.key, request);
  }

  #countRead(request: ApiRequest): void {
    const operation = operationOf(request);
    const { TableName: table, RequestItems: batch = {} } = inputOf(request);
    if (operation === 'GetItem' && table) this.#of(table).reads += 1;
    if ((operation === 'Query' || operation === 'Scan') && table) this.#of(table).queries += 1;
    if (operation === 'BatchGetItem') {
      for (const [name, { Keys: keys = [] }] of Object.entries(batch as BatchGet)) this.#of(name).reads += keys.length;
    }
    if ((operation === 'UpdateTable' || operation === 'DeleteTable') && table) this.#schemas.delete(table);
  }

  async #schema(table: string, request: ApiRequest): Promise<TableSchema | undefined> {
    const schema = this.#schemas.get(table) ?? (await this.#api.schema(table, request));
    if (schema) this.#schemas.set(table, schema);
    return schema;
  }

  #of(table: string): TableCounts {
    const counts = this.#counts.get(table) ?? noCounts();
    this.#counts.set(table, counts);
    return counts;
  }
}

interface Input {
  readonly TableName?: string;
  readonly Item?: WireItem;
  readonly Key?: WireItem;
  readonly RequestItems?: BatchGet | BatchWrite;
}
type BatchGet = Readonly<Record<string, { readonly Keys?: readonly WireItem[] }>>;
type BatchWrite = Readonly<
  Record<
    string,
    readonly {
      readonly PutRequest?: { readonly Item: WireItem };
      readonly DeleteRequest?: { readonly Key: WireItem };
    }[]
  >
>;

/** What a request that dynalite accepts would write; empty for reads, and for what is no JSON. */
function writesOf(request: ApiRequest): Write[] {
  const operation = operationOf(request);
  if (operation === 'BatchWriteItem') return batchWritesOf(inputOf(request).RequestItems as BatchWrite | undefined);
  const kind = SINGLE_WRITES[operation];
  if (!kind) return [];
  const { TableName: table, Item, Key } = inputOf(request);
  const item = Item ?? Key;
  return table && item ? [{ table, kind, item }] : [];
}

const SINGLE_WRITES: Readonly<Record<string, Write['kind']>> = {
  PutItem: 'puts',
  UpdateItem: 'updates',
  DeleteItem: 'deletes',
};

function batchWritesOf(batch: BatchWrite = {}): Write[] {
  return Object.entries(batch).flatMap(([table, requests]) =>
    requests.flatMap(({ PutRequest: put, DeleteRequest: del }): Write[] => [
      ...(put ? [{ table, kind: 'puts' as const, item: put.Item }] : []),
      ...(del ? [{ table, kind: 'deletes' as const, item: del.Key }] : []),
    ]),
  );
}

/** The request's input; empty if it is no JSON, which dynalite then refuses. */
function inputOf(request: ApiRequest): Input {
  try {
    return JSON.parse(request.body.toString()) as Input;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function keyOf(schema: TableSchema, item: WireItem): WireItem | undefined {
  const entries = schema.keys.map((name) => [name, item[name]] as const);
  return entries.every(([, value]) => value !== undefined) ? (Object.fromEntries(entries) as WireItem) : undefined;
}

function bill(counts: TableCounts, units: WriteUnits): void {
  counts.writeUnits += units.table + units.indexes;
  counts.indexWriteUnits += units.indexes;
}

type Plain = Record<string, unknown> | undefined;

const plain = (item: WireItem | undefined): Plain => item && plainItem(item);

const isConditionFailure = (response: ApiResponse): boolean =>
  response.status === 400 && response.body.includes('ConditionalCheckFailedException');
