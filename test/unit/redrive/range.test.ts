import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  InvalidArgumentException,
  type KinesisClient,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis';
import type { Discard } from '../../../local/cli/redrive/message.ts';
import { isOfStream, readRange } from '../../../local/cli/redrive/range.ts';

const discard: Discard = {
  condition: 'RetryAttemptsExhausted',
  shard: 'shardId-000000000000',
  start: '10',
  end: '100',
  batchSize: 3,
  arrival: '2026-11-01T12:00:00.000Z',
  spanMs: 0,
};

type Answer = { readonly at: readonly number[]; readonly behindMs?: number; readonly isLast?: boolean } | Error;

/** A shard that answers each read as told; without an answer left it is at its tip. */
function shard(...answers: readonly Answer[]) {
  const reads: string[] = [];
  const send = async (command: object): Promise<Partial<GetRecordsCommandOutput>> => {
    if (!(command instanceof GetRecordsCommand)) return { ShardIterator: '0' } as object;
    const nth = reads.push(command.input.ShardIterator ?? '');
    const answer = answers[nth - 1] ?? { at: [] };
    if (answer instanceof Error) throw answer;
    const Records = answer.at.map((sequence) => ({
      SequenceNumber: String(sequence),
      PartitionKey: 'k',
      ApproximateArrivalTimestamp: new Date(0),
      Data: new Uint8Array(),
    }));
    return {
      Records,
      MillisBehindLatest: answer.behindMs ?? 0,
      ...(answer.isLast === true ? {} : { NextShardIterator: String(nth) }),
    };
  };
  return { client: { send } as unknown as KinesisClient, reads };
}
const refusing = (error: Error): KinesisClient => ({ send: () => Promise.reject(error) }) as unknown as KinesisClient;
const $metadata = {};
const gone = new ResourceNotFoundException({ message: 'no shard', $metadata });
const ofAnother = new InvalidArgumentException({ message: 'it did not come from this stream', $metadata });

async function read(
  client: KinesisClient,
  signal = new AbortController().signal,
  turn = async (): Promise<void> => undefined,
) {
  const { records, isWhole } = await readRange(client, 'stream', discard, turn, signal);
  return { at: records.map(({ sequence }) => Number(sequence)), isWhole };
}

test('a range is read from its first record to its last, and no further', async () => {
  const { client, reads } = shard({ at: [10, 20, 100] });
  expect(await read(client)).toEqual({ at: [10, 20, 100], isWhole: true });
  expect(reads).toHaveLength(1);
});

test('numbers are compared as numbers, and what follows the range is left out', async () => {
  const { client } = shard({ at: [10, 99, 101, 1_000] });
  expect(await read(client)).toEqual({ at: [10, 99], isWhole: true });
});

test('a read that brings nothing, but is behind, is followed by others', async () => {
  const { client, reads } = shard({ at: [10] }, { at: [], behindMs: 5_000 }, { at: [100] });
  expect(await read(client)).toEqual({ at: [10, 100], isWhole: true });
  expect(reads).toEqual(['0', '1', '2']);
});

test.each<[string, Answer[]]>([
  ['at the tip of a shard', [{ at: [10] }, { at: [] }]],
  ['at the end of a closed shard', [{ at: [10], isLast: true }]],
])('a range ends %s', async (_, answers) => {
  expect(await read(shard(...answers).client)).toEqual({ at: [10], isWhole: true });
});

test.each<[string, number[], number[]]>([
  ['in part', [50, 100], [50, 100]],
  ['as a whole', [101], []],
])('a range that has expired %s says so', async (_, there, found) => {
  expect(await read(shard({ at: there }).client)).toEqual({ at: found, isWhole: false });
});

test.each([
  ['whose shard is gone', gone],
  ['of a stream that was made anew', ofAnother],
])('a range %s has expired', async (_, error) => {
  expect(await read(refusing(error))).toEqual({ at: [], isWhole: false });
});

test('a shard that others read is asked again', async () => {
  const busy = new ProvisionedThroughputExceededException({ message: 'slow down', $metadata });
  const { client, reads } = shard(busy, { at: [10, 100] });
  expect(await read(client)).toEqual({ at: [10, 100], isWhole: true });
  expect(reads).toEqual(['0', '0']);
});

test('each read waits for its turn, so that functions can read the shard as well', async () => {
  let turns = 0;
  const turn = async (): Promise<void> => {
    turns++;
  };
  const { client } = shard({ at: [10] }, { at: [], behindMs: 5_000 }, { at: [100] });
  await read(client, undefined, turn);
  expect(turns).toBe(3);
});

test('what else fails is thrown, and nothing is taken for expired', async () => {
  await expect(read(refusing(new Error('socket hang up')))).rejects.toThrow('socket hang up');
});

test('Ctrl-C ends it between two reads', async () => {
  const interrupt = new AbortController();
  const { client, reads } = shard({ at: [10], behindMs: 1 }, { at: [20], behindMs: 1 });
  let turns = 0;
  const turn = async (): Promise<void> => {
    if (++turns === 2) interrupt.abort(new Error('Ctrl-C'));
  };
  await expect(read(client, interrupt.signal, turn)).rejects.toThrow('Ctrl-C');
  expect(reads).toHaveLength(1);
});

test('a stream knows its own numbers', async () => {
  const { signal } = new AbortController();
  const isOurs = (client: KinesisClient) => isOfStream(client, 'stream', discard.shard, '10', signal);
  expect(await isOurs(shard().client)).toBe(true);
  expect(await isOurs(refusing(ofAnother))).toBe(false);
  expect(await isOurs(refusing(gone))).toBe(false);
  await expect(isOurs(refusing(new Error('socket hang up')))).rejects.toThrow('socket hang up');
});
