import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { awsDeadLetters, type PutObject } from '../../../lambdas/aws/dead-letter-queue.ts';
import { awsEffectSink, type SinkClients } from '../../../lambdas/aws/effect-sink.ts';
import { sendBatchOf } from '../../../lambdas/aws/sqs-client.ts';
import { ATTRIBUTES, CHECKPOINT_ATTRIBUTES } from '../../../lambdas/core/names.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import { fromAttributes, type Row } from '../../../lambdas/core/row.ts';
import { kinesisRecords, producerClient } from '../../../lambdas/producer/index.ts';
import { deliver, effectsOf } from '../../../lambdas/runtime/outbox.ts';
import type { DeadLetters } from '../../../lambdas/runtime/ports.ts';
import type { LocalState } from '../local-state.ts';
import type { Edges } from './engine.ts';
import type { Reading } from './events.ts';
import { dynamoMarks } from './marks.ts';
import type { Owner } from './message.ts';
import { putOne } from './put.ts';

/** Physical names of what a system of a stage consists of. */
export interface Resources extends Owner {
  readonly table: string;
  readonly checkpointTable: string;
  readonly deadLetterQueueUrl: string;
  readonly deadLetterBucket: string;
  readonly onFailureQueueUrl: string;
  /** Physical name or URL of an effect's destination, by its logical name. */
  readonly outputs: { stream(name: string): string; queueUrl(name: string): string };
}

export interface RedriveClients {
  readonly kinesis: KinesisClient;
  readonly documents: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
}

/** Sends of one row's effects are over this long after it was read, so that they cannot come much later than those of its next commit. */
const SETTLE_MS = 30_000;
const SOCKETS = 16;

/** Clients of the local cloud that is up, or of AWS. The stream's does not retry: whether a record is in is known after each request. */
export function redriveClients(local: LocalState | undefined): RedriveClients & Disposable {
  const config = (service: 'kinesis' | 'dynamodb' | 'sqs' | 's3') => ({
    maxAttempts: 3,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5_000,
      requestTimeout: 15_000,
      throwOnRequestTimeout: true,
    }),
    ...(local === undefined
      ? {}
      : {
          endpoint: local.endpoints[service],
          region: local.region,
          credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        }),
  });
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(config('dynamodb')), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const clients = {
    kinesis: producerClient({ ...config('kinesis'), maxAttempts: 1 }),
    documents,
    sqs: new SQSClient(config('sqs')),
    s3: new S3Client({ ...config('s3'), forcePathStyle: local !== undefined }),
  };
  return {
    ...clients,
    [Symbol.dispose]: () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

/** The object, or undefined if it is not there any more. */
export async function getObject(s3: S3Client, Bucket: string, Key: string): Promise<Uint8Array | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToByteArray();
  } catch (error) {
    // Whoever may not list the bucket is told that access is denied, when nothing is there.
    if (error instanceof NoSuchKey || (error instanceof Error && error.name === 'AccessDenied')) return undefined;
    throw error;
  }
}

/** The system's dead-letter queue, for what turns up in a discarded batch and can never be applied. */
export function deadLettersOf(
  { sqs, s3 }: RedriveClients,
  { deadLetterQueueUrl, deadLetterBucket }: Resources,
): DeadLetters {
  const putObject: PutObject = async (Key, Body, abortSignal) => {
    await s3.send(new PutObjectCommand({ Bucket: deadLetterBucket, Key, Body }), { abortSignal });
  };
  return awsDeadLetters(sendBatchOf(sqs), deadLetterQueueUrl, deadLetterBucket, putObject);
}

/** A redrive's edges in terms of AWS. */
export function edgesOf(
  clients: RedriveClients,
  resources: Resources,
  processor: Processor<object>,
  reading: Reading,
  now: () => number,
): Edges {
  const { kinesis, documents } = clients;
  const records = kinesisRecords(kinesis, resources.streamName);
  return {
    ...dynamoMarks(documents, resources.checkpointTable, now),
    readRow: (key) => readRow(documents, resources.table, key),
    put: (candidate, notAfterMs) => putOne(records, candidate, notAfterMs, now),
    settle: settler(clients, resources, processor),
    now,
    token: () => randomBytes(9).toString('base64url'),
    arrivalsInOrder: !reading.replayMode,
  };
}

/** The row as of every commit that was answered before. @throws UnreadableRow */
export async function readRow(
  client: DynamoDBDocumentClient,
  TableName: string,
  key: string,
): Promise<Row | undefined> {
  const command = new GetCommand({ TableName, Key: { [ATTRIBUTES.key]: key }, ConsistentRead: true });
  const { Item } = await client.send(command);
  return Item === undefined ? undefined : fromAttributes(Item);
}

/** Whether all effects of the commits under the token are known to be accepted. */
export async function hasCheckpoint(
  client: DynamoDBDocumentClient,
  TableName: string,
  token: string,
): Promise<boolean> {
  const Key = { [CHECKPOINT_ATTRIBUTES.key]: `tx#${token}` };
  const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  return Item !== undefined;
}

/** Stacks name no tables for effects yet: the look-up of one refuses before a client would be asked. */
const noTable = (name: string): string => {
  throw new Error(`No output of the stacks names the table ${name}: effects for it cannot be sent from here`);
};
const NO_TABLES = noTable as unknown as SinkClients['dynamodb'];

/** Settles rows as the processor does before it folds: by its own code, over a row that was read consistently. Each row version once. */
function settler(clients: RedriveClients, resources: Resources, processor: Processor<object>): Edges['settle'] {
  const { outputs, checkpointTable } = resources;
  const sinkClients = {
    putRecordsTo: (stream: string) => kinesisRecords(clients.kinesis, stream),
    sendBatch: sendBatchOf(clients.sqs),
    dynamodb: NO_TABLES,
  };
  const sink = awsEffectSink(sinkClients, { ...outputs, table: noTable }, SOCKETS);
  const settled = new Set<string>();
  return async (row: Row) => {
    const identity = JSON.stringify([row.key, row.epoch, row.version]);
    if (settled.has(identity)) return 0;
    if (row.schema > processor.state.version) {
      throw new Error(
        `Its row has state version ${row.schema}, newer than this checkout's code: use the deployed version`,
      );
    }
    const signal = AbortSignal.timeout(SETTLE_MS);
    const isProven = await hasCheckpoint(clients.documents, checkpointTable, row.token);
    const effects = isProven ? [] : effectsOf(processor, row);
    const [delivery] = await deliver([effects], sink, deadLettersOf(clients, resources), signal);
    if (delivery?.trouble !== undefined) throw delivery.trouble;
    settled.add(identity);
    return effects.length;
  };
}
