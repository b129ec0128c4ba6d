import { PutObjectCommand } from '@aws-sdk/client-s3';
import { STATEFUL_OUTPUTS } from '../../lib/stacks/outputs.ts';
import type { CountersCloud } from './counters-cloud.ts';
import { bad, good, type Operator, payloadOf } from './redriving.ts';

/** What fills the queues of a redrive. */

const KEYS = 50;

/** 500 events that the counter applies, and among them 500 that it rejects. */
export const rejectedAmongGood = (): readonly object[] =>
  Array.from({ length: KEYS }, (_, k) =>
    Array.from({ length: 10 }, (_unused, n) => [good(`k${k}`, `k${k}-good-${n}`), bad(`k${k}`, `k${k}-bad-${n}`)]),
  ).flat(2);

/**
 * Sends 40 events whose batch is discarded: rows of `stuck0` to `stuck19` cannot be written, and what those of `mute0` to `mute19` publish
 * cannot be sent.
 */
export async function discardBatch(counter: CountersCloud): Promise<void> {
  const table = counter.output(STATEFUL_OUTPUTS.tableName('counter'));
  const out = counter.output(STATEFUL_OUTPUTS.streamName('out'));
  counter.cloud.setFaultHook(({ operation, input }) => {
    if (operation === 'PutRecords') return (input() as { StreamName: string }).StreamName === out ? 'throttle' : 'pass';
    if (operation !== 'PutItem') return 'pass';
    const { TableName, Item } = input() as { TableName: string; Item: { id: { S: string } } };
    return TableName === table && Item.id.S.startsWith('stuck') ? 'throttle' : 'pass';
  });
  const pairs = Array.from({ length: 20 }, (_, n) => [
    good(`stuck${n}`, `stuck${n}-1`),
    good(`mute${n}`, `mute${n}-1`),
  ]);
  await counter.produce(pairs.flat());
  await counter.cloud.untilDrained();
  counter.cloud.setFaultHook();
}

/** A batch that the stream no longer has, and what is no document at all. */
export async function addLostBatches({ discards }: Operator, discard: string): Promise<void> {
  const document = JSON.parse(discard);
  const gone = { ...document.KinesisBatchInfo, shardId: 'shardId-000000000007', batchSize: 3 };
  await discards.send(JSON.stringify({ ...document, KinesisBatchInfo: gone }));
  await discards.send('hello');
}

/** A letter that holds no event, one whose event was applied, and one whose payload lies in S3, of an event that nobody else has seen. */
export async function addOtherLetters(counter: CountersCloud, { letters }: Operator, letter: string): Promise<void> {
  const { payload: _, ...head } = JSON.parse(letter);
  const also = (changes: object): Promise<void> => letters.send(JSON.stringify({ ...head, ...changes }));
  await also({ id: 'torn', code: 'record.not-json', payload: payloadOf('{"half') });
  await also({ id: 'applied', code: 'event.invalid-data', payload: payloadOf(good('k1', 'k1-good-3')) });
  const bucket = counter.output(STATEFUL_OUTPUTS.deadLetterBucketName('counter'));
  const key = 'dead-letters/large';
  const Body = JSON.stringify(good('large', 'large-1'));
  await counter.cloud.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
  await also({ id: 'large', code: 'event.misrouted', partitionKey: 'elsewhere', payloadIn: { bucket, key } });
}
