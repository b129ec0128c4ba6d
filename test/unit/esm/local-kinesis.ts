import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { localKinesisClient } from '../../../local/esm/kinesis-source.ts';

const kinesalite: (options: object) => Server = createRequire(import.meta.url)('kinesalite');

/** A Kinesis endpoint in this process, and what tests do with it. */
export class LocalKinesis {
  readonly client: KinesisClient;
  readonly #server: Server;
  #streams = 0;

  private constructor(server: Server, client: KinesisClient) {
    this.#server = server;
    this.client = client;
  }

  static async start(): Promise<LocalKinesis> {
    const server = kinesalite({ createStreamMs: 0, updateStreamMs: 0, deleteStreamMs: 0, shardLimit: 1_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new LocalKinesis(server, localKinesisClient(`http://127.0.0.1:${port}`, 'eu-west-1'));
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @returns the name of a stream of its own. */
  async newStream(shards = 1): Promise<string> {
    this.#streams += 1;
    const name = `stream-${this.#streams}`;
    await this.client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
    await this.#active(name);
    return name;
  }

  async put(name: string, records: readonly (readonly [key: string, data: string])[]): Promise<void> {
    const entries = records.map(([key, data]) => ({ PartitionKey: key, Data: Buffer.from(data) }));
    const answer = await this.client.send(new PutRecordsCommand({ StreamName: name, Records: entries }));
    if (answer.FailedRecordCount !== 0) throw new Error(`${answer.FailedRecordCount} records were refused`);
  }

  async split(name: string, shardId: string, atHashKey: bigint): Promise<void> {
    const request = { StreamName: name, ShardToSplit: shardId, NewStartingHashKey: atHashKey.toString() };
    await this.client.send(new SplitShardCommand(request));
    await this.#active(name);
  }

  async merge(name: string, shardId: string, adjacentShardId: string): Promise<void> {
    const request = { StreamName: name, ShardToMerge: shardId, AdjacentShardToMerge: adjacentShardId };
    await this.client.send(new MergeShardsCommand(request));
    await this.#active(name);
  }

  /** Makes the next requests of a kind fail, before they are sent. */
  failNext(operation: string, error: Error, times = 1): void {
    let left = times;
    const name = `fail-${operation}`;
    this.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== operation || left === 0) return next(args);
        left -= 1;
        if (left === 0) this.client.middlewareStack.remove(name);
        throw error;
      },
      { step: 'initialize', name, override: true },
    );
  }

  async #active(name: string): Promise<void> {
    for (;;) {
      const { StreamDescriptionSummary } = await this.client.send(
        new DescribeStreamSummaryCommand({ StreamName: name }),
      );
      if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return;
    }
  }
}
