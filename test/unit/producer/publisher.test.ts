import type { KinesisClient, PutRecordsCommandInput } from '@aws-sdk/client-kinesis';
import { type Publication, publishTo } from '../../../lambdas/aws/kinesis-publisher.ts';
import type { PublishEffect } from '../../../lambdas/core/effect.ts';
import { kinesisRecords } from '../../../lambdas/producer/index.ts';
import { type SendResult, TransientError } from '../../../lambdas/runtime/ports.ts';

const NEVER = new AbortController().signal;

function publication(at: number, key: string, subject: string, data: object = {}): Publication {
  const effect: PublishEffect = {
    kind: 'publish',
    stream: 'out',
    type: 'test.counted',
    dataschema: 'urn:millrace:test.counted:1',
    subject,
    data,
  };
  const cause = { id: 'cause', source: 'urn:s', time: '2026-01-01T00:00:00Z' };
  return { at, effect, addressed: { id: `e${at}`, processor: 'counter', key, epoch: 'x', version: 1, cause, effect } };
}

/** The records of every call, and what the client does with them. */
async function published(
  publications: readonly Publication[],
  send: (keys: readonly string[], signal: AbortSignal) => Promise<void> = async () => undefined,
  signal = NEVER,
) {
  const calls: { key: string; ids: readonly string[] }[][] = [];
  const client = {
    send: async ({ input }: { input: PutRecordsCommandInput }, { abortSignal }: { abortSignal: AbortSignal }) => {
      const records = (input.Records ?? []).map(({ PartitionKey = '', Data = new Uint8Array() }) => ({
        key: PartitionKey,
        ids: [JSON.parse(Buffer.from(Data).toString())].flat().map(({ id }: { id: string }) => id),
      }));
      calls.push(records);
      await send(
        records.map(({ key }) => key),
        abortSignal,
      );
      return { Records: records.map(() => ({ ShardId: 'shardId-000000000000', SequenceNumber: '1' })) };
    },
  };
  const results: SendResult[] = [];
  const publishing = publishTo(
    kinesisRecords(client as unknown as KinesisClient, 'out'),
    publications,
    results,
    signal,
  );
  return { calls, results, publishing };
}

const kindsOf = (results: readonly SendResult[]) =>
  results.map((result) => (result instanceof TransientError ? result.code : result.kind));

test('an effect that can never be an event is refused, and the others of its row go on, together', async () => {
  const row = [1, '', 2].map((part, at) => publication(at, 'row', 'receiver', part === '' ? { n: 2 ** 53 } : { part }));
  const { calls, results, publishing } = await published(row);
  await publishing;
  expect(kindsOf(results)).toEqual(['accepted', 'refused', 'accepted']);
  expect(calls).toEqual([[{ key: 'receiver', ids: ['e0', 'e2'] }]]);
});

test('effects of several rows to one receiver may share its record, those of one row always do', async () => {
  const pad = 'x'.repeat(300_000);
  const effects = ['a', 'b', 'a', 'b', 'b'].map((key, at) => publication(at, key, 'receiver', { pad }));
  const { calls, results, publishing } = await published(effects);
  await publishing;
  expect(kindsOf(results)).toEqual(new Array(5).fill('accepted'));
  expect(calls.flat().map(({ ids }) => ids)).toEqual([
    ['e0', 'e2'],
    ['e1', 'e3', 'e4'],
  ]);
});

test('each record is tried once: the runtime tries again, under its own deadline', async () => {
  const effects = [publication(0, 'a', 'x'), publication(1, 'b', 'y')];
  const { calls, results, publishing } = await published(effects, async () => {
    throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
  });
  await publishing;
  expect(kindsOf(results)).toEqual(['sink.throttled', 'sink.throttled']);
  expect(calls).toHaveLength(1);
});

test('what would not pass is thrown as it is', async () => {
  const denied = Object.assign(new Error('no kinesis:PutRecords'), { name: 'AccessDeniedException' });
  const { publishing } = await published([publication(0, 'a', 'x')], async () => {
    throw denied;
  });
  await expect(publishing).rejects.toBe(denied);
});

test('the invocation’s signal aborts the request, and ends the waiting for it', async () => {
  const deadline = new AbortController();
  let requestAborted = false;
  const { publishing } = await published(
    [publication(0, 'a', 'x')],
    (_, signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          requestAborted = true;
        });
      }),
    deadline.signal,
  );
  const ended = expect(publishing).rejects.toThrow('out of time');
  await new Promise(setImmediate);
  deadline.abort(new Error('out of time'));
  await ended;
  expect(requestAborted).toBe(true);
});
