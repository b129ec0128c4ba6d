/**
 * Measures the producer library against the emulated Kinesis, and checks what it promises: docs/producers.md has the figures. Ends with 1 if a
 * promise is broken.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createProducer, producerClient } from '../../lambdas/producer/index.ts';
import { itemAdded } from '../../lambdas/systems/profiles/events.ts';
import { localConfig } from '../../local/cli/send/send.ts';
import { startEmulators } from '../../local/emulators/emulators.ts';
import { readStream } from './read-back.ts';
import { runStorm, type StormReport } from './storm.ts';
import { createStream } from './streams.ts';
import { type Load, type Measured, measureThroughput } from './throughput.ts';

const HEAP_MB = 64;
const LEAST_PACKING = 5;
const LEAST_THROUGHPUT = 0.8;
const ROUNDS = 8;

const broken: string[] = [];
const check = (holds: boolean, promise: string): void => {
  if (!holds) broken.push(promise);
};
const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

async function storms(): Promise<void> {
  const emulators = await startEmulators();
  const client = producerClient(localConfig(emulators.endpoints.kinesis));
  const load = { events: 100_000, keys: 1_000, shards: 16, seed: 20_261_121 };
  say('100,000 events over 1,000 keys; 30 % of entries throttled, 10 % of calls failing or losing their answer');
  sayStorm('default settings', await runStorm(emulators, client, { ...load, stream: 'packed' }));
  const small = { recordEvents: 10, callRecords: 100 };
  sayStorm('records of 10', await runStorm(emulators, client, { ...load, stream: 'small', settings: small }));
  await burst(client);
  client.destroy();
  await emulators.stop();
}

function sayStorm(name: string, report: StormReport): void {
  const { metrics, struck, held, records, faults, mostBuffered, elapsedMs } = report;
  const { delivered, calls, failedCalls, throttledRecords, repeated } = metrics;
  say(`  ${name}: ${whole(delivered)} delivered in ${(elapsedMs / 1_000).toFixed(1)} s, ${whole(calls)} calls`);
  say(`    ${whole(throttledRecords)} entries throttled, ${failedCalls} calls failed (${struck.answers} answers lost)`);
  say(`    the stream holds ${whole(held)} events in ${whole(records)} records; at most ${whole(repeated)} repeats`);
  say(`    buffered at most: ${whole(mostBuffered.events)} events, ${whole(mostBuffered.bytes)} bytes`);
  for (const fault of faults) say(`    FAULT: ${fault}`);
  check(faults.length === 0, `${name}: nothing lost, each key in order`);
  check(held - delivered <= repeated, `${name}: repeats only after lost answers`);
  check(mostBuffered.events <= 10_000, `${name}: a bounded buffer`);
}

async function burst(client: ReturnType<typeof producerClient>): Promise<void> {
  const events = 1_000;
  await createStream(client, 'burst', 1);
  const producer = createProducer({ stream: 'burst', source: 'urn:bench', client });
  const data = { productId: 'mug', quantity: 1, unitPrice: 900, currency: 'USD' };
  for (let nth = 0; nth < events; nth++) await producer.send(itemAdded, { subject: 'user-1', data });
  await producer.close();
  const { length } = await readStream(client, 'burst');
  const packing = events / length;
  say(`A burst of ${whole(events)} events of one key: ${length} records, ${packing.toFixed(0)} events a record`);
  check(packing >= LEAST_PACKING, `${LEAST_PACKING} events a record in a burst of one key`);
}

async function slowStream(): Promise<void> {
  const script = join(import.meta.dirname, 'slow-stream.ts');
  const args = [`--max-old-space-size=${HEAP_MB}`, '--no-warnings', script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { events, bytes, most } = JSON.parse(stdout);
  say(`${whole(events)} events, ${whole(bytes)} bytes, into a slow stream with a heap of ${HEAP_MB} MB:`);
  say(`  buffered at most ${whole(most.events)} events, ${whole(most.bytes)} bytes`);
}

async function throughput(load: Load): Promise<void> {
  const { library, sameRecords, singleEvents } = await measureThroughput(load, ROUNDS);
  say(
    `${whole(load.events)} events of ${load.eventBytes} bytes over ${whole(load.keys)} keys, best of ${ROUNDS} rounds`,
  );
  sayRate('the library: build, validate, pack, put', library, library);
  sayRate('raw PutRecords of the same records, ready-made', sameRecords, library);
  sayRate('raw PutRecords of the same events, one a record', singleEvents, library);
  const ratio = bestOf(library) / bestOf(sameRecords);
  const promise = `${LEAST_THROUGHPUT} of raw PutRecords at ${load.eventBytes} bytes, not ${ratio.toFixed(2)}`;
  check(ratio >= LEAST_THROUGHPUT, promise);
}

function sayRate(name: string, measured: Measured, library: Measured): void {
  const best = bestOf(measured);
  const ratio = (bestOf(library) / best).toFixed(2);
  const rate = `${whole(best).padStart(8)} events/s, ${((best * measured.bytes) / measured.events / 1e6).toFixed(1)} MB/s`;
  say(`  ${name.padEnd(48)}${rate}, ${measured.cpuMicros.toFixed(1)} µs of CPU; the library makes ${ratio} of it`);
}

const bestOf = ({ rates }: Measured): number => Math.max(...rates);

await storms();
say();
await slowStream();
say();
await throughput({ events: 50_000, keys: 1_000, eventBytes: 1_024 });
await throughput({ events: 50_000, keys: 1_000, eventBytes: 330 });
say();
for (const promise of broken) say(`BROKEN: ${promise}`);
if (broken.length === 0) say('Every promise is kept.');
process.exitCode = broken.length === 0 ? 0 : 1;
