import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { StoredRecord } from './facts.ts';

/** Every record that a stream holds, also in shards that are closed, shard by shard from the oldest. */
export async function readStream(client: KinesisClient, StreamName: string): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = [];
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  for (const { ShardId = '' } of Shards) {
    const position = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let iterator = (await client.send(new GetShardIteratorCommand(position))).ShardIterator;
    while (iterator !== undefined) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
      for (const { SequenceNumber = '', PartitionKey = '', Data = new Uint8Array() } of page.Records ?? []) {
        records.push({ shard: ShardId, sequence: SequenceNumber, partitionKey: PartitionKey, data: Data });
      }
      const atTip = page.MillisBehindLatest === 0 && (page.Records ?? []).length === 0;
      iterator = atTip ? undefined : (page.NextShardIterator ?? undefined);
    }
  }
  return records;
}

/** Takes every message out of a queue and returns their bodies, as JSON. */
export async function drainQueue<T>(client: SQSClient, QueueUrl: string): Promise<readonly T[]> {
  const bodies: T[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = '' } of Messages) bodies.push(JSON.parse(Body) as T);
    const Entries = Messages.map(({ ReceiptHandle }, nth) => ({ Id: String(nth), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}
