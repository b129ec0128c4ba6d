import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { KinesisStreamEvent } from 'aws-lambda';
import { dataSchemaOf } from '../../lambdas/core/event.ts';
import { ENV, outputStreamEnv } from '../../lambdas/core/names.ts';
import { DECODE_LIMITS } from '../../lambdas/runtime/decode/limits.ts';
import { type LocalAws, localAws } from '../support/aws.ts';
import { bundle } from '../support/bundle.ts';

/** The memory of a processor's function, as the stages set it. */
const FUNCTION_BYTES = 256 * 1024 * 1024;
/** What Lambda hands over at most, base64 and envelope included. */
const INVOKE_BYTES = 6 * 1024 * 1024;

let aws: LocalAws;
let code: Awaited<ReturnType<typeof bundle>>;
let directory: string;
beforeAll(async () => {
  [aws, code] = await Promise.all([
    localAws(),
    bundle("export { handler } from './lambdas/systems/profiles/handler.ts';"),
  ]);
  directory = mkdtempSync(join(tmpdir(), 'millrace-memory-'));
});
afterAll(async () => {
  code[Symbol.dispose]();
  rmSync(directory, { recursive: true, force: true });
  await aws.stop();
});

let sequence = 0;
let events = 0;

const viewed = (key: string): object => ({
  specversion: '1.0',
  id: `event-${events++}`,
  source: 'urn:test:memory',
  type: 'page.viewed',
  time: '2026-01-01T00:00:00Z',
  subject: key,
  dataschema: dataSchemaOf('page.viewed', 1),
  data: { productId: `product-${events % 100}`, path: '/a/page/of/the/shop' },
});

type LambdaRecord = KinesisStreamEvent['Records'][number];

const lambdaRecord = (partitionKey: string, data: Uint8Array): LambdaRecord => ({
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey,
    sequenceNumber: String(49_590_338_271_490_256n * 10n ** 39n + BigInt(sequence++)),
    data: Buffer.from(data).toString('base64'),
    approximateArrivalTimestamp: Date.now() / 1000,
  },
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: `shardId-000000000000:${49_590_338_271_490_256n * 10n ** 39n + BigInt(sequence - 1)}`,
  eventName: 'aws:kinesis:record',
  invokeIdentityArn: 'arn:aws:iam::000000000000:role/profiles',
  awsRegion: 'us-east-1',
  eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/shop',
});

/** As many records as fit one invoke. */
function fill(next: (n: number) => LambdaRecord, most = Number.POSITIVE_INFINITY): KinesisStreamEvent {
  const Records: LambdaRecord[] = [];
  let bytes = 15;
  for (let n = 0; n < most; n++) {
    const record = next(n);
    bytes += JSON.stringify(record).length + 1;
    if (bytes > INVOKE_BYTES) break;
    Records.push(record);
  }
  return { Records };
}

/** A CloudEvents batch of one key as large as one record may expand to, gzipped. */
function fullGzip(key: string): Buffer {
  const batch: string[] = [];
  for (let bytes = 2; ; ) {
    const json = JSON.stringify(viewed(key));
    bytes += json.length + 1;
    if (bytes > DECODE_LIMITS.expandedBytes || batch.length === DECODE_LIMITS.eventsPerRecord) break;
    batch.push(json);
  }
  return gzipSync(`[${batch.join(',')}]`);
}

/** An aggregate of the Kinesis Producer Library. */
function aggregate(users: readonly { key: string; data: Uint8Array }[]): Buffer {
  const message = new BinaryWriter();
  for (const { key } of users) message.tag(1, 2).string(key);
  users.forEach(({ data }, n) => {
    message.tag(3, 2).bytes(new BinaryWriter().tag(1, 0).uint64(n).tag(3, 2).bytes(data).finish());
  });
  const body = message.finish();
  return Buffer.concat([Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2), body, createHash('md5').update(body).digest()]);
}

async function invoke(
  event: KinesisStreamEvent,
): Promise<{ response: unknown; maxRssBytes: number; applied: number; queueUrl: string }> {
  const run = events++;
  const [state, checkpoints, queueUrl, bucket, stream] = await Promise.all([
    aws.createTable(`state-${run}`),
    aws.createTable(`checkpoints-${run}`),
    aws.createQueue(`letters-${run}`),
    aws.createBucket(`letters-${run}`),
    aws.createStream(`updates-${run}`),
  ]);
  const eventFile = join(directory, `event-${run}.json`);
  writeFileSync(eventFile, JSON.stringify(event));
  const { endpoints } = aws.emulators;
  const child = spawn(
    process.execPath,
    [
      '--max-old-space-size=160',
      '--max-semi-space-size=8',
      join(import.meta.dirname, '../support/invoke-bundle.mjs'),
      join(code.directory, 'index.mjs'),
      eventFile,
    ],
    {
      env: {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
        AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
        AWS_ENDPOINT_URL_SQS: endpoints.sqs,
        AWS_ENDPOINT_URL_S3: endpoints.s3,
        [ENV.metricNamespace]: 'Millrace/test',
        [ENV.inputStream]: 'shop',
        [ENV.stateTable]: state,
        [ENV.checkpointTable]: checkpoints,
        [ENV.deadLetterQueueUrl]: queueUrl,
        [ENV.deadLetterBucket]: bucket,
        [ENV.retentionHours]: '168',
        [ENV.kplProducers]: 'true',
        [outputStreamEnv('profile-updates')]: stream,
        POWERTOOLS_DEV: 'false',
      },
    },
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{"response"')) throw new Error(`The function died: ${err.slice(-2_000)} ${out.slice(-1_000)}`);
  const applied = out.split('\n').flatMap((line) => {
    const found = /"Applied":(\d+)/.exec(line);
    return line.includes('"_aws"') && found?.[1] !== undefined ? [Number(found[1])] : [];
  });
  return {
    ...(JSON.parse(last) as { response: unknown; maxRssBytes: number }),
    applied: applied.reduce((a, b) => a + b, 0),
    queueUrl,
  };
}

const DONE = { batchItemFailures: [] };

test.each([
  [
    'small events of many users',
    () => fill((n) => lambdaRecord(`user-${n % 400}`, Buffer.from(JSON.stringify(viewed(`user-${n % 400}`))))),
  ],
  [
    'batches of events as large as records are',
    () =>
      fill((n) => {
        const batch = Array.from({ length: 3_000 }, () => viewed(`user-${n}`));
        return lambdaRecord(`user-${n}`, Buffer.from(JSON.stringify(batch)));
      }),
  ],
  [
    'gzip that expands up to its bound, many times over',
    () => fill((n) => lambdaRecord(`user-${n % 3}`, fullGzip(`user-${n % 3}`)), 30),
  ],
  [
    'KPL aggregates whose user records expand up to the bound together',
    () =>
      fill((n) => {
        const key = `user-${n}`;
        const half = gzipSync(`[${Array.from({ length: 4_900 }, () => JSON.stringify(viewed(key))).join(',')}]`);
        return lambdaRecord(
          'outer',
          aggregate([
            { key, data: half },
            { key, data: half },
          ]),
        );
      }, 6),
  ],
])(
  'a full invoke of %s runs within 256 MB',
  async (_, make) => {
    const event = make();
    const { response, maxRssBytes, applied } = await invoke(event);
    expect(response).toEqual(DONE);
    expect(applied).toBeGreaterThan(event.Records.length / 2);
    expect(maxRssBytes).toBeLessThan(FUNCTION_BYTES);
  },
  120_000,
);

test.each([
  ['empty objects', `[${'{},'.repeat(1_000_000)}{}]`],
  ['empty lists, nested', `[${'[[],[]],'.repeat(500_000)}[]]`],
  ['as many values as a record may hold', `[${'0,'.repeat(DECODE_LIMITS.valuesPerRecord - 2)}0]`],
])(
  'a full invoke of gzip that holds %s runs within 256 MB, and rejects each record',
  async (_, text) => {
    const hostile = gzipSync(text);
    const event = fill((n) => lambdaRecord(`user-${n}`, hostile), 200);
    const { response, maxRssBytes, queueUrl } = await invoke(event);
    expect(response).toEqual(DONE);
    expect(maxRssBytes).toBeLessThan(FUNCTION_BYTES);
    expect(await aws.messages(queueUrl)).toHaveLength(event.Records.length);
  },
  120_000,
);

test('a full invoke of garbage and gzip bombs runs within 256 MB, and all of it is in the dead-letter queue', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  const event = fill((n) =>
    lambdaRecord(`user-${n}`, n % 50 === 0 ? bomb : Buffer.from(`{"garbage":${n},"pad":"${'x'.repeat(2_000)}`)),
  );
  const { response, maxRssBytes, queueUrl } = await invoke(event);
  expect(response).toEqual(DONE);
  expect(maxRssBytes).toBeLessThan(FUNCTION_BYTES);
  const codes = (await aws.messages(queueUrl)).map(({ code }) => code);
  expect(codes).toHaveLength(event.Records.length);
  expect(new Set(codes)).toEqual(new Set(['record.not-json', 'record.gzip-too-large']));
}, 120_000);
