import { setTimeout as delay } from 'node:timers/promises';
import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { compareSequence } from '../../../lambdas/core/position.ts';
import type { RawRecord } from '../../../lambdas/runtime/decode/record.ts';
import type { Discard } from './message.ts';

/** The records of a range that the stream still has. */
export interface Range {
  readonly records: readonly RawRecord[];
  /** Whether it begins with the range's first record: if not, retention has passed for some. */
  readonly isWhole: boolean;
}

/** A shard gives 5 reads a second to all who share it, functions first of all: ranges of one run together take no more than 4. */
export const READS_PER_SECOND = 4;
const PAUSE_MS = 250;
const ATTEMPTS = 8;
/** The shard has left the stream with its last record, or the number is older than all that the stream keeps. */
const GONE = new Set(['ResourceNotFoundException', 'InvalidArgumentException']);

/**
 * Reads the records of a discarded batch. With a parallelization factor above 1 its lane's records lie among those of others, which are
 * read as well, since nothing tells them apart.
 *
 * @param turn waits until a shard may be read once more.
 * @throws what the client throws, and the signal's reason.
 */
export async function readRange(
  client: KinesisClient,
  streamName: string,
  { shard, start, end }: Discard,
  turn: () => Promise<void>,
  signal: AbortSignal,
): Promise<Range> {
  const records: RawRecord[] = [];
  let iterator = await iteratorAt(client, streamName, shard, start, signal);
  while (iterator !== undefined) {
    await turn();
    signal.throwIfAborted();
    const answer = await getRecords(client, iterator, signal);
    for (const { SequenceNumber = '', PartitionKey = '', ApproximateArrivalTimestamp, Data } of answer.Records ?? []) {
      if (compareSequence(SequenceNumber, end) > 0) return range(records, start);
      records.push({
        shard,
        sequence: SequenceNumber,
        partitionKey: PartitionKey,
        arrivalMs: ApproximateArrivalTimestamp?.getTime() ?? 0,
        data: Data ?? new Uint8Array(),
      });
    }
    if (records.at(-1)?.sequence === end) return range(records, start);
    const isAtTip = answer.Records?.length === 0 && (answer.MillisBehindLatest ?? 0) === 0;
    iterator = isAtTip ? undefined : answer.NextShardIterator;
  }
  return range(records, start);
}

/**
 * Whether the record is, or once was, in the stream: Kinesis refuses a sequence number that did not come from it.
 *
 * @throws what the client throws, and the signal's reason.
 */
export const isOfStream = async (
  client: KinesisClient,
  streamName: string,
  shard: string,
  sequence: string,
  signal: AbortSignal,
): Promise<boolean> => (await iteratorAt(client, streamName, shard, sequence, signal)) !== undefined;

const range = (records: readonly RawRecord[], start: string): Range => ({
  records,
  isWhole: records[0]?.sequence === start,
});

async function iteratorAt(
  client: KinesisClient,
  StreamName: string,
  ShardId: string,
  StartingSequenceNumber: string,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const place = { StreamName, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber } as const;
  try {
    const answer = await patiently(abortSignal, () => client.send(new GetShardIteratorCommand(place), { abortSignal }));
    return answer.ShardIterator;
  } catch (error) {
    if (error instanceof Error && GONE.has(error.name)) return undefined;
    throw error;
  }
}

const getRecords = (
  client: KinesisClient,
  iterator: string,
  abortSignal: AbortSignal,
): Promise<GetRecordsCommandOutput> =>
  patiently(abortSignal, () => client.send(new GetRecordsCommand({ ShardIterator: iterator }), { abortSignal }));

/** Waits while the shard gives others all of its reads. */
async function patiently<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const isThrottle = error instanceof Error && error.name === 'ProvisionedThroughputExceededException';
      if (!isThrottle || attempt === ATTEMPTS) throw error;
      await delay(PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
}
