import {
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  KinesisClient,
  ListShardsCommand,
  type ListShardsCommandOutput,
  type _Record as SdkRecord,
  type Shard as SdkShard,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ReadResult, ShardSource } from './ports.ts';
import type { ReadPosition } from './protocol.ts';
import type { Shard, StreamRecord } from './types.ts';

/** GetRecords allows no more. */
const MOST_RECORDS = 10_000;

/**
 * A client for a Kinesis endpoint on this machine, with credentials that no one checks. HTTP/1.1: the SDK's own choice for Kinesis is
 * HTTP/2, which kinesalite does not speak.
 */
export function localKinesisClient(endpoint: string, region: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: new NodeHttpHandler(),
  });
}

/**
 * Whose iterators they are. Those of the service are followed as it gives them; kinesalite's are not while they skip records or never
 * come: see `#mayFollow` and `iteratorType`.
 */
export type IteratorsOf = 'kinesalite' | 'service';

/** The shards of a stream, read by GetRecords. What the service refuses, throughput limits included, rejects. */
export function kinesisSource(
  client: KinesisClient,
  streamName: string,
  iterators: IteratorsOf = 'kinesalite',
): ShardSource {
  return new KinesisSource(client, streamName, iterators);
}

/** Where a shard's reads stand. */
interface Cursor {
  /** The last record given out; absent if none was. */
  readonly given: string | undefined;
  /** What GetRecords goes on with. */
  readonly iterator: string | undefined;
}

class KinesisSource implements ShardSource {
  readonly #client: KinesisClient;
  readonly #streamName: string;
  readonly #iterators: IteratorsOf;
  readonly #cursors = new Map<string, Cursor>();
  readonly #closed = new Set<string>();

  constructor(client: KinesisClient, streamName: string, iterators: IteratorsOf) {
    this.#client = client;
    this.#streamName = streamName;
    this.#iterators = iterators;
  }

  async listShards(signal: AbortSignal): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    let page: { StreamName: string } | { NextToken: string } | undefined = { StreamName: this.#streamName };
    while (page) {
      const answer: ListShardsCommandOutput = await this.#client.send(new ListShardsCommand(page), {
        abortSignal: signal,
      });
      for (const shard of answer.Shards ?? []) shards.push(this.#learn(shard));
      page = answer.NextToken === undefined ? undefined : { NextToken: answer.NextToken };
    }
    return shards;
  }

  #learn(shard: SdkShard): Shard {
    const shardId = required(shard.ShardId, 'ListShards', 'ShardId');
    if (shard.SequenceNumberRange?.EndingSequenceNumber !== undefined) this.#closed.add(shardId);
    const parentShardIds = [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined);
    return { shardId, parentShardIds };
  }

  async read(shardId: string, from: ReadPosition, limit: number, signal: AbortSignal): Promise<ReadResult> {
    const answer = await this.#getRecords(shardId, from, Math.min(limit, MOST_RECORDS), signal);
    const found = (answer.Records ?? []).map(streamRecord);
    const records = this.#skipsEarlier(from) ? found.filter(({ arrivalMs }) => arrivalMs >= from.timestampMs) : found;
    const next = answer.NextShardIterator ?? undefined;
    this.#cursors.set(shardId, {
      given: records.at(-1)?.sequenceNumber ?? afterOf(from),
      iterator: this.#mayFollow(shardId, from, found.length) ? next : undefined,
    });
    const skippedAll = found.length > 0 && records.length === 0;
    return {
      records,
      // What was skipped as too early says nothing of what follows it: the tip is reached by a read that finds nothing.
      millisBehindLatest: Math.max(answer.MillisBehindLatest ?? 0, skippedAll ? 1 : 0),
      exhausted: next === undefined,
    };
  }

  /** The service's iterators begin at the time that they were asked for, by its own clock. */
  #skipsEarlier(from: ReadPosition): from is Extract<ReadPosition, { kind: 'AT_TIMESTAMP' }> {
    return from.kind === 'AT_TIMESTAMP' && this.#iterators === 'kinesalite';
  }

  /**
   * Whether the next read may follow the iterator that this one gave. Not while an open shard has shown no record: kinesalite's
   * iterators then advance by the second, and pass over a first record that is being written as the second changes.
   */
  #mayFollow(shardId: string, from: ReadPosition, found: number): boolean {
    if (this.#iterators === 'service') return true;
    return found > 0 || from.kind === 'AFTER_SEQUENCE_NUMBER' || this.#closed.has(shardId);
  }

  async #getRecords(
    shardId: string,
    from: ReadPosition,
    limit: number,
    signal: AbortSignal,
  ): Promise<GetRecordsCommandOutput> {
    const cursor = this.#cursors.get(shardId);
    const followed = cursor?.given === afterOf(from) ? cursor?.iterator : undefined;
    const get = (iterator: string) =>
      this.#client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }), { abortSignal: signal });
    if (followed === undefined) return get(await this.#newIterator(shardId, from, signal));
    try {
      return await get(followed);
    } catch (error) {
      if (!(error instanceof ExpiredIteratorException)) throw error;
      return get(await this.#newIterator(shardId, from, signal));
    }
  }

  async #newIterator(shardId: string, from: ReadPosition, signal: AbortSignal): Promise<string> {
    const answer = await this.#client.send(
      new GetShardIteratorCommand({
        StreamName: this.#streamName,
        ShardId: shardId,
        ...iteratorType(from, this.#iterators),
      }),
      { abortSignal: signal },
    );
    return required(answer.ShardIterator, 'GetShardIterator', 'ShardIterator');
  }
}

/**
 * From kinesalite AT_TIMESTAMP is read from the horizon, and what is earlier is skipped here: it never answers a request for an iterator at
 * a timestamp that no record has reached yet.
 */
function iteratorType(
  from: ReadPosition,
  iterators: IteratorsOf,
): Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'> {
  if (from.kind === 'AFTER_SEQUENCE_NUMBER') {
    return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: from.sequenceNumber };
  }
  if (from.kind === 'AT_TIMESTAMP' && iterators === 'service') {
    return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(from.timestampMs) };
  }
  return { ShardIteratorType: from.kind === 'LATEST' ? 'LATEST' : 'TRIM_HORIZON' };
}

function afterOf(from: ReadPosition): string | undefined {
  return from.kind === 'AFTER_SEQUENCE_NUMBER' ? from.sequenceNumber : undefined;
}

function streamRecord(record: SdkRecord): StreamRecord {
  const arrival = required(record.ApproximateArrivalTimestamp, 'GetRecords', 'ApproximateArrivalTimestamp');
  return {
    sequenceNumber: required(record.SequenceNumber, 'GetRecords', 'SequenceNumber'),
    partitionKey: required(record.PartitionKey, 'GetRecords', 'PartitionKey'),
    arrivalMs: arrival.getTime(),
    data: record.Data ?? new Uint8Array(),
  };
}

function required<T>(value: T | undefined, operation: string, member: string): T {
  if (value === undefined) throw new TypeError(`${operation} of the Kinesis endpoint answered without ${member}`);
  return value;
}
