import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { PutObject } from '../../lambdas/aws/dead-letter-queue.ts';
import { type DynamoDb, dynamoDb } from '../../lambdas/aws/dynamodb.ts';
import type { SendBatch } from '../../lambdas/aws/sqs-batch.ts';
import { sendBatchOf } from '../../lambdas/aws/sqs-client.ts';
import { kinesisRecords, type PutRecords } from '../../lambdas/producer/index.ts';
import { type Emulators, startEmulators } from '../../local/emulators/emulators.ts';

/** Clients of emulators in this process, with helpers to make and read resources. */
export interface LocalAws {
  readonly emulators: Emulators;
  /** As processors call AWS. */
  readonly dynamodb: DynamoDb;
  readonly putRecordsTo: (streamName: string) => PutRecords;
  readonly sendBatch: SendBatch;
  readonly putObjectInto: (bucket: string) => PutObject;
  /** As everybody else calls it, for looking and preparing. */
  readonly documents: DynamoDBDocumentClient;
  createTable(name: string): Promise<string>;
  createQueue(name: string): Promise<string>;
  createBucket(name: string): Promise<string>;
  createStream(name: string): Promise<string>;
  getObject(bucket: string, key: string): Promise<Uint8Array>;
  /** Every message of the queue, parsed; they stay invisible afterwards. */
  messages(queueUrl: string): Promise<readonly Record<string, unknown>[]>;
  /** Every record of a stream with one shard. */
  records(streamName: string): Promise<readonly { partitionKey: string; json: unknown }[]>;
  stop(): Promise<void>;
}

export async function localAws(): Promise<LocalAws> {
  const emulators = await startEmulators();
  const { endpoints } = emulators;
  const common = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // What only looks or prepares may retry: a server closes connections that rested while the machine was busy.
    maxAttempts: 5,
    requestHandler: new NodeHttpHandler(),
  };
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const kinesis = new KinesisClient({ ...common, endpoint: endpoints.kinesis });
  const sqs = new SQSClient({ ...common, endpoint: endpoints.sqs });
  // Processors repeat nothing behind the runtime's back.
  const once = { ...common, maxAttempts: 1 };
  const tested = {
    kinesis: new KinesisClient({ ...once, endpoint: endpoints.kinesis }),
    sqs: new SQSClient({ ...once, endpoint: endpoints.sqs }),
  };
  const s3 = new S3Client({ ...common, endpoint: endpoints.s3, forcePathStyle: true });
  return {
    emulators,
    dynamodb: dynamoDb({ ...once, endpoint: endpoints.dynamodb }),
    putRecordsTo: (streamName) => kinesisRecords(tested.kinesis, streamName),
    sendBatch: sendBatchOf(tested.sqs),
    putObjectInto: (Bucket) => async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    documents: dynamodb,
    createTable: async (TableName) => {
      await dynamodb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        }),
      );
      // A table is made a moment later than its creation is answered.
      for (let status: string | undefined; status !== 'ACTIVE'; ) {
        status = (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
      }
      return TableName;
    },
    createQueue: async (QueueName) => String((await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl),
    createBucket: async (Bucket) => {
      await s3.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    createStream: async (StreamName) => {
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
      return StreamName;
    },
    getObject: async (Bucket, Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    },
    messages: async (QueueUrl) => {
      const all: Record<string, unknown>[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return all;
        all.push(...Messages.map(({ Body }) => JSON.parse(String(Body)) as Record<string, unknown>));
      }
    },
    records: async (StreamName) => {
      const { ShardIterator } = await kinesis.send(
        new GetShardIteratorCommand({ StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' }),
      );
      const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
      return Records.map(({ PartitionKey, Data }) => ({
        partitionKey: String(PartitionKey),
        json: JSON.parse(Buffer.from(Data ?? []).toString()),
      }));
    },
    stop: async () => {
      for (const client of [dynamodb, kinesis, sqs, s3, ...Object.values(tested)]) client.destroy();
      await emulators.stop();
    },
  };
}
