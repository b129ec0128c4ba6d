import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DeleteStreamCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { createProducer, kinesisRecords, producerClient, type StreamRecord } from '../../lambdas/producer/index.ts';
import { pageViewed } from '../../lambdas/systems/profiles/events.ts';
import { localConfig } from '../../local/cli/send/send.ts';
import { createStream } from './streams.ts';

const SHARDS = 8;
const CONCURRENCY = 4;
const WARM_UP = 2;

/** One way of sending the same events, several times. */
export interface Measured {
  /** Events per second, of each round. */
  readonly rates: readonly number[];
  /** CPU time of this process for one event, microseconds: the least of all rounds. Tells more than the rates where others run too. */
  readonly cpuMicros: number;
  readonly events: number;
  readonly records: number;
  readonly bytes: number;
}

export interface Throughput {
  /** Typed events through the producer library: built, validated, packed, put. */
  readonly library: Measured;
  /** PutRecords of the very records that the library made, ready-made, in calls of the same size. */
  readonly sameRecords: Measured;
  /** PutRecords of the same events, ready-made, one a record: what a producer without packing does. */
  readonly singleEvents: Measured;
}

/** An emulated Kinesis in another process. */
interface Server extends AsyncDisposable {
  readonly client: KinesisClient;
}

async function startServer(): Promise<Server> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'server.ts'), { execArgv: ['--no-warnings'] });
  const [endpoint] = (await once(child, 'message')) as [string];
  const client = producerClient(localConfig(endpoint));
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** Sends the same events in all ways in turn, so that all meet the same machine. */
export async function measureThroughput(load: Load, rounds: number): Promise<Throughput> {
  await using server = await startServer();
  const { client } = server;
  const library: Run[] = [];
  const sameRecords: Run[] = [];
  const singleEvents: Run[] = [];
  // The first rounds warm everything up.
  for (let round = -WARM_UP; round < rounds; round++) {
    const made: StreamRecord[][] = [];
    const byLibrary = await inStream(client, (stream) => throughLibrary(client, stream, load, made));
    const packed = await inStream(client, (stream) => putAll(client, stream, made));
    const singles = singlesOf(load);
    const single = await inStream(client, (stream) => putAll(client, stream, singles));
    if (round < 0) continue;
    library.push({ ...byLibrary, ...sizesOf(made) });
    sameRecords.push({ ...packed, ...sizesOf(made) });
    singleEvents.push({ ...single, ...sizesOf(singles) });
  }
  const measured = (runs: readonly Run[]): Measured => ({
    rates: runs.map(({ ms }) => (load.events / ms) * 1_000),
    cpuMicros: Math.min(...runs.map(({ cpuMicros }) => cpuMicros)) / load.events,
    events: load.events,
    records: runs[0]?.records ?? 0,
    bytes: runs[0]?.bytes ?? 0,
  });
  return {
    library: measured(library),
    sameRecords: measured(sameRecords),
    singleEvents: measured(singleEvents),
  };
}

interface Run extends Spent {
  readonly records: number;
  readonly bytes: number;
}

/** Time of the clock, and of this process's CPU. */
interface Spent {
  readonly ms: number;
  readonly cpuMicros: number;
}

let streams = 0;

/** What the work took in a stream of its own. */
async function inStream(client: KinesisClient, work: (stream: string) => Promise<void>): Promise<Spent> {
  const StreamName = `bench-${++streams}`;
  await createStream(client, StreamName, SHARDS);
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  await work(StreamName);
  const { user, system } = process.cpuUsage(startCpu);
  const ms = performance.now() - startMs;
  await client.send(new DeleteStreamCommand({ StreamName }));
  return { ms, cpuMicros: user + system };
}

/** What is sent, and how large its JSON is. */
export interface Load {
  readonly events: number;
  readonly keys: number;
  /** Bytes of an event's JSON, envelope included: 300 at least. */
  readonly eventBytes: number;
}

const ENVELOPE_BYTES = 290;

const fieldsOf = (nth: number, { keys, eventBytes }: Load) => ({
  subject: `user-${nth % keys}`,
  id: `e${nth}`,
  time: '2026-11-01T12:00:00.000Z',
  data: { path: `/products/${nth % 97}/`.padEnd(eventBytes - ENVELOPE_BYTES, 'x') },
});

async function throughLibrary(
  client: KinesisClient,
  stream: string,
  load: Load,
  made: StreamRecord[][],
): Promise<void> {
  const recording = {
    send: (command: { input: { Records?: { PartitionKey?: string; Data?: Uint8Array }[] } }, options: object) => {
      const { Records = [] } = command.input;
      made.push(
        Records.map(({ PartitionKey = '', Data = new Uint8Array() }) => ({ partitionKey: PartitionKey, data: Data })),
      );
      return client.send(command as never, options);
    },
  };
  const options = { stream, source: 'urn:bench', client: recording as unknown as KinesisClient };
  await using producer = createProducer({ ...options, concurrency: CONCURRENCY });
  for (let nth = 0; nth < load.events; nth++) await producer.send(pageViewed, fieldsOf(nth, load));
}

/** Ready-made calls, as many at a time as the library makes. */
async function putAll(
  client: KinesisClient,
  stream: string,
  calls: readonly (readonly StreamRecord[])[],
): Promise<void> {
  const put = kinesisRecords(client, stream);
  const { signal } = new AbortController();
  const queue = calls.values();
  const worker = async (): Promise<void> => {
    for (const call of queue) await put(call, signal);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function singlesOf(load: Load): readonly StreamRecord[][] {
  const calls: StreamRecord[][] = [];
  for (let nth = 0; nth < load.events; nth++) {
    if (nth % 500 === 0) calls.push([]);
    const { subject, id, time, data } = fieldsOf(nth, load);
    const envelope = { specversion: '1.0', id, source: 'urn:bench', type: pageViewed.type, time, subject };
    const json = { ...envelope, dataschema: 'urn:millrace:page.viewed:1', datacontenttype: 'application/json' };
    const event = { ...json, partitionkey: subject, data };
    calls.at(-1)?.push({ partitionKey: subject, data: Buffer.from(JSON.stringify(event)) });
  }
  return calls;
}

function sizesOf(calls: readonly (readonly StreamRecord[])[]): { readonly records: number; readonly bytes: number } {
  const records = calls.flat();
  return { records: records.length, bytes: records.reduce((sum, { data }) => sum + data.length, 0) };
}
