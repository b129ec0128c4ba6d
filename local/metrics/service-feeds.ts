import { readUnits } from '../dynamodb/read-units.ts';
import type { ConsumedUnits, Exchange } from '../emulators/front.ts';
import type { MetricStore } from './store.ts';

/** What clients ask of Kinesis and DynamoDB, as far as metrics need it. */
interface Input {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, BatchOfTable>>;
  readonly StreamName?: string;
  readonly StreamARN?: string;
  readonly ShardIterator?: string;
  readonly Data?: string;
  readonly Records?: readonly { readonly Data: string }[];
}

/** Keys to read, or writes. */
type BatchOfTable = { readonly Keys: readonly unknown[] } | readonly unknown[];

interface PutResult {
  readonly Records: readonly { readonly ErrorCode?: string | null }[];
}

type Put = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number) => void;

/** Far more than readers of a local cloud hold at a time. */
const MOST_ITERATORS = 10_000;
const MEASURED = new Set(['PutRecord', 'PutRecords', 'GetShardIterator', 'GetRecords']);
const THROTTLED = 'ProvisionedThroughputExceededException';

/**
 * Takes what Kinesis and DynamoDB measure of themselves, by the requests that clients make and the answers that they get
 * (Kinesis developer guide, "Monitor with CloudWatch", stream-level metrics; DynamoDB developer guide, "Metrics and
 * dimensions"). DynamoDB's throttle metrics appear only when something is throttled, as there; the units of a table are
 * without those of its indexes, each of which has its own.
 */
export function serviceFeed(store: MetricStore, now: () => number): (exchange: Exchange) => void {
  const iterators = new Iterators();
  const put: Put = (namespace, name, dimensions, value) =>
    store.put({ namespace, name, dimensions, timestampMs: now(), values: [value] });
  return (exchange) => {
    if (exchange.service === 'kinesis') kinesis(exchange, iterators, put);
    else if (exchange.service === 'dynamodb') dynamodb(exchange, put);
  };
}

function kinesis(exchange: Exchange, iterators: Iterators, put: Put): void {
  const { operation, response } = exchange;
  // What is wrong with a request may be its form, and nothing of it is measured.
  if (!MEASURED.has(operation) || (response.status !== 200 && !isThrottled(exchange))) return;
  const input = exchange.input() as Input;
  const stream = streamOf(input) ?? iterators.streamOf(input.ShardIterator);
  if (stream === undefined) return;
  const emit = (name: string, value: number) => put('AWS/Kinesis', name, { StreamName: stream }, value);
  iterators.add(stream, exchange);
  if (operation === 'GetShardIterator') return;
  if (operation === 'GetRecords') {
    emit('ReadProvisionedThroughputExceeded', isThrottled(exchange) ? 1 : 0);
    // The answer may hold megabytes of records and names this at its end.
    const behind = /"MillisBehindLatest":(\d+)/.exec(response.body.toString('latin1'))?.[1];
    if (behind !== undefined) emit('GetRecords.IteratorAgeMilliseconds', Number(behind));
    return;
  }
  const sizes = (input.Records ?? [{ Data: input.Data ?? '' }]).map(({ Data }) => Buffer.byteLength(Data, 'base64'));
  const outcomes = outcomesOf(exchange, sizes.length);
  emit('WriteProvisionedThroughputExceeded', outcomes.filter((outcome) => outcome === 'throttled').length);
  const accepted = sizes.filter((_, i) => outcomes[i] === 'accepted');
  if (accepted.length === 0) return;
  emit('IncomingRecords', accepted.length);
  emit(
    'IncomingBytes',
    accepted.reduce((sum, size) => sum + size, 0),
  );
}

type Outcome = 'accepted' | 'throttled' | 'refused';

/** What became of each record of a put that was served or throttled. One that met a failure of its shard was not throttled. */
function outcomesOf({ operation, response }: Exchange, count: number): readonly Outcome[] {
  if (response.status !== 200) return Array<Outcome>(count).fill('throttled');
  if (operation === 'PutRecord') return ['accepted'];
  const { Records } = JSON.parse(response.body.toString()) as PutResult;
  return Records.map(({ ErrorCode }) => {
    if (ErrorCode === undefined || ErrorCode === null) return 'accepted';
    return ErrorCode === THROTTLED ? 'throttled' : 'refused';
  });
}

function dynamodb(exchange: Exchange, put: Put): void {
  if (isThrottled(exchange)) throttled(exchange, put);
  const emit = (name: string, consumed: readonly ConsumedUnits[]): void => {
    for (const { table, index, units } of consumed) {
      put('AWS/DynamoDB', name, { TableName: table, ...(index && { GlobalSecondaryIndexName: index }) }, units);
    }
  };
  emit('ConsumedWriteCapacityUnits', exchange.response.writeUnits ?? []);
  if (exchange.response.status === 200) emit('ConsumedReadCapacityUnits', readUnits(exchange));
}

/** Each item of a batch is an event of its own. */
function throttled({ operation, input }: Exchange, put: Put): void {
  const { TableName, RequestItems = {} } = input() as Input;
  const isWrite = /^(Put|Update|Delete|BatchWrite|TransactWrite)/.test(operation);
  const emit = (table: string, events: number) =>
    put('AWS/DynamoDB', isWrite ? 'WriteThrottleEvents' : 'ReadThrottleEvents', { TableName: table }, events);
  if (TableName !== undefined) emit(TableName, 1);
  for (const [table, batch] of Object.entries(RequestItems)) {
    emit(table, 'Keys' in batch ? batch.Keys.length : batch.length);
  }
}

const isThrottled = ({ response }: Exchange): boolean => response.status === 400 && response.body.includes(THROTTLED);

/** Whose shard iterators those are that readers hold: the last ones that were given. Reads by an older one are not measured. */
class Iterators {
  readonly #streams = new Map<string, string>();

  streamOf(iterator = ''): string | undefined {
    return this.#streams.get(iterator);
  }

  /** Takes the iterator in an answer. */
  add(stream: string, { response }: Exchange): void {
    const iterator = /"(?:Next)?ShardIterator":"([^"]+)"/.exec(response.body.toString('latin1'))?.[1];
    if (iterator === undefined) return;
    this.#streams.set(iterator, stream);
    const [oldest] = this.#streams.keys();
    if (oldest !== undefined && this.#streams.size > MOST_ITERATORS) this.#streams.delete(oldest);
  }
}

/** GetRecords may name its stream by the iterator alone. */
function streamOf({ StreamName, StreamARN }: Input): string | undefined {
  return StreamName ?? StreamARN?.split('/').at(-1);
}
