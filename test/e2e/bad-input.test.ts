import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { DeadLetterMessage } from '../../lambdas/aws/dead-letter-queue.ts';
import { STATEFUL_OUTPUTS, statefulStackName } from '../../lib/stacks/outputs.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { type Synthesis, synthesize } from '../../local/synth.ts';

/** What no producer should send, through the deployed stacks: every piece ends in the dead-letter queue whole, with a typed reason. */

let synthesis: Synthesis;
let cloud: Cloud;
beforeAll(async () => {
  synthesis = await synthesize({ context: { batchingWindowSeconds: 0 } });
  cloud = await startCloud({ assemblyDir: synthesis.directory });
});
afterAll(async () => {
  await cloud.stop();
  synthesis[Symbol.dispose]();
});

const KEY = 'user-1';
let events = 0;

const viewed = (changes: object = {}): Record<string, unknown> => ({
  specversion: '1.0',
  id: `event-${events++}`,
  source: 'urn:test',
  type: 'page.viewed',
  time: '2026-01-01T00:00:00Z',
  subject: KEY,
  dataschema: 'urn:millrace:page.viewed:1',
  data: { productId: 'product-1' },
  ...changes,
});

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

function aggregate(message: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2), message, createHash('md5').update(message).digest()]);
}
const wholeAggregate = aggregate(
  new BinaryWriter()
    .tag(1, 2)
    .string(KEY)
    .tag(3, 2)
    .bytes(new BinaryWriter().tag(1, 0).uint64(0).tag(3, 2).bytes(json(viewed())).finish())
    .finish(),
);

const BAD: readonly (readonly [name: string, code: string, data: () => Uint8Array])[] = [
  ['no JSON', 'record.not-json', () => Buffer.from('hello')],
  ['JSON that is cut short', 'record.not-json', () => json(viewed()).subarray(0, 40)],
  ['no object', 'event.invalid-envelope', () => json('event')],
  ['an envelope without an id', 'event.invalid-envelope', () => json(viewed({ id: undefined }))],
  ['an envelope of another version', 'event.invalid-envelope', () => json(viewed({ specversion: '0.3' }))],
  ['a time that is none', 'event.invalid-envelope', () => json(viewed({ time: 'yesterday' }))],
  ['an unknown type', 'event.unknown-type', () => json(viewed({ type: 'page.burnt' }))],
  ['an unknown version', 'event.unknown-version', () => json(viewed({ dataschema: 'urn:millrace:page.viewed:9' }))],
  ['data that break their schema', 'event.invalid-data', () => json(viewed({ data: { productId: 7 } }))],
  ['no data', 'event.invalid-envelope', () => json(viewed({ data: undefined }))],
  ['a string of 1 MiB', 'event.invalid-data', () => json(viewed({ data: { productId: 'x'.repeat(1_048_000) } }))],
  ['deep nesting', 'record.too-deep', () => Buffer.from(nested(100_000))],
  ['a __proto__ member', 'record.forbidden-key', () => Buffer.from('{"__proto__":{"specversion":"1.0"}}')],
  ['invalid UTF-8', 'record.invalid-utf8', () => Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
  [
    'half a surrogate pair',
    'record.invalid-utf8',
    () => Buffer.from(JSON.stringify(viewed()).replace('product-1', '\\ud800')),
  ],
  ['a truncated KPL aggregate', 'record.invalid-utf8', () => wholeAggregate.subarray(0, wholeAggregate.length - 5)],
  [
    'a KPL aggregate with nothing right in it but the digest',
    'record.aggregate-corrupt',
    () => aggregate(Uint8Array.of(0x1a, 0x7f, 1)),
  ],
  ['truncated gzip', 'record.gzip-corrupt', () => gzipSync(json(viewed())).subarray(0, 30)],
  ['a gzip bomb', 'record.gzip-too-large', () => gzipSync(Buffer.alloc(100 * 1024 * 1024))],
  [
    'a time in the future',
    'event.from-future',
    () => json(viewed({ time: new Date(Date.now() + 3_600_000).toISOString() })),
  ],
  ['another key', 'event.misrouted', () => json(viewed({ subject: 'user-2' }))],
];

async function lettersOf(queueUrl: string): Promise<readonly DeadLetterMessage[]> {
  const letters: DeadLetterMessage[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 });
    const { Messages = [] } = await cloud.clients.sqs.send(command);
    if (Messages.length === 0) return letters;
    letters.push(...Messages.map(({ Body }) => JSON.parse(String(Body)) as DeadLetterMessage));
  }
}

async function payloadOf({ payload, payloadIn }: DeadLetterMessage): Promise<Buffer> {
  if (payload !== undefined) return Buffer.from(payload, 'base64');
  const { Body } = await cloud.clients.s3.send(
    new GetObjectCommand({ Bucket: payloadIn?.bucket, Key: payloadIn?.key }),
  );
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

test('every kind of bad input ends in the dead-letter queue with its payload and a typed reason, its neighbours are applied, and nothing crashes', async () => {
  const output = (key: string): string => cloud.output(statefulStackName('local'), key);
  const bad = BAD.map(([name, code, data]) => ({ name, code, data: Buffer.from(data()) }));
  const good = Array.from({ length: BAD.length + 1 }, (_, n) =>
    viewed({ data: { productId: `good-${n % 10}`, path: `/${n}` } }),
  );
  const Records = good.flatMap((event, n) => {
    const neighbour = bad[n];
    return [json(event), ...(neighbour === undefined ? [] : [neighbour.data])].map((Data) => ({
      PartitionKey: KEY,
      Data,
    }));
  });
  const StreamName = output(STATEFUL_OUTPUTS.streamName('shop'));
  const { FailedRecordCount } = await cloud.clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  expect(FailedRecordCount).toBe(0);
  await cloud.untilDrained(AbortSignal.timeout(60_000));

  const letters = await lettersOf(output(STATEFUL_OUTPUTS.deadLetterQueueUrl('profiles')));
  const payloads = await Promise.all(letters.map(payloadOf));
  const found = bad.map(({ name, data }) => {
    const at = payloads.findIndex((payload) => payload.equals(data));
    return [name, letters[at]?.code ?? 'lost'];
  });
  expect(found).toEqual(bad.map(({ name, code }) => [name, code]));
  expect(letters).toHaveLength(bad.length);

  const TableName = output(STATEFUL_OUTPUTS.tableName('profiles'));
  const { Item } = await cloud.clients.documents.send(new GetCommand({ TableName, Key: { id: KEY } }));
  expect(Item?.recentProducts).toHaveLength(10);
  const { Count } = await cloud.clients.documents.send(new ScanCommand({ TableName, Select: 'COUNT' }));
  expect(Count).toBe(1);
  for (const FunctionName of cloud.functions.keys()) {
    const errors = cloud.metrics.statistics({
      namespace: 'AWS/Lambda',
      name: 'Errors',
      dimensions: { FunctionName },
    });
    expect(errors.sum).toBe(0);
  }
  const onFailure = await lettersOf(output(STATEFUL_OUTPUTS.onFailureQueueUrl('profiles')));
  expect(onFailure).toEqual([]);
});
