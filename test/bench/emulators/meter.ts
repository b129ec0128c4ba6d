import { wireItemSize } from '../../../local/dynamodb/wire.ts';
import { type ApiRequest, type ApiResponse, type Dispatch, operationOf } from '../../../local/emulators/front.ts';

/** Read units are counted per 4 KB, half of one for an eventually consistent read (Developer Guide, "DynamoDB read and write operations"). */
const READ_UNIT_BYTES = 4096;

/** What was asked of one table or stream; write units are counted elsewhere. */
export interface Asked {
  requests: number;
  readUnits: number;
  /** Bytes of each row that PutItem stored, in order. */
  readonly rowBytes: number[];
  /** Records that PutRecords brought. */
  records: number;
}

type WireItem = Parameters<typeof wireItemSize>[0];

interface Input {
  readonly TableName?: string;
  readonly StreamName?: string;
  readonly Item?: WireItem;
  readonly ConsistentRead?: boolean;
  readonly Records?: readonly unknown[];
  readonly RequestItems?: Readonly<
    Record<string, { readonly Keys: readonly unknown[]; readonly ConsistentRead?: boolean }>
  >;
}

interface Output {
  readonly Item?: WireItem;
  readonly Responses?: Readonly<Record<string, readonly WireItem[]>>;
}

/** Counts what passes on its way to an emulator. */
export class Meter {
  readonly #asked = new Map<string, Asked>();

  /** What was asked of a table or stream since the last time that this was asked. */
  take(name: string): Asked {
    const asked = this.#of(name);
    this.#asked.delete(name);
    return asked;
  }

  /** An emulator that counts. */
  metered(dispatch: Dispatch): Dispatch {
    return async (request) => {
      const response = await dispatch(request);
      this.#count(request, response);
      return response;
    };
  }

  #count(request: ApiRequest, response: ApiResponse): void {
    const input = JSON.parse(request.body.toString()) as Input;
    const operation = operationOf(request);
    for (const name of namesOf(input)) this.#of(name).requests += 1;
    if (response.status !== 200) return;
    if (operation === 'PutItem' && input.TableName && input.Item) {
      this.#of(input.TableName).rowBytes.push(wireItemSize(input.Item));
    } else if (operation === 'PutRecords' && input.StreamName) {
      this.#of(input.StreamName).records += input.Records?.length ?? 0;
    } else if (operation === 'GetItem' || operation === 'BatchGetItem') {
      this.#countReads(input, JSON.parse(response.body.toString()) as Output);
    }
  }

  #countReads({ TableName: table, ConsistentRead, RequestItems = {} }: Input, { Item, Responses = {} }: Output): void {
    if (table) this.#of(table).readUnits += readUnits(Item, ConsistentRead);
    for (const [name, { Keys, ConsistentRead: consistent }] of Object.entries(RequestItems)) {
      const found = Responses[name] ?? [];
      const missing = (Keys.length - found.length) * readUnits(undefined, consistent);
      this.#of(name).readUnits += found.reduce((sum, item) => sum + readUnits(item, consistent), missing);
    }
  }

  #of(name: string): Asked {
    const asked = this.#asked.get(name) ?? { requests: 0, readUnits: 0, rowBytes: [], records: 0 };
    this.#asked.set(name, asked);
    return asked;
  }
}

const namesOf = ({ TableName, StreamName, RequestItems = {} }: Input): readonly string[] =>
  [TableName, StreamName, ...Object.keys(RequestItems)].filter((name) => name !== undefined);

/** What is not there costs as much as the smallest item. */
const readUnits = (item: WireItem | undefined, consistent = false): number =>
  Math.max(1, Math.ceil((item ? wireItemSize(item) : 0) / READ_UNIT_BYTES)) * (consistent ? 1 : 0.5);
