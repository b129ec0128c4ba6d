import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { producerClient } from '../../lambdas/producer/index.ts';
import { STATEFUL_OUTPUTS, statefulStackName } from '../../lib/stacks/outputs.ts';
import { localConfig } from '../../local/cli/send/send.ts';
import { type Emulators, REGION, startEmulators } from '../../local/emulators/emulators.ts';
import { eventsIn, readStream } from '../../scripts/bench-producer/read-back.ts';
import { runStorm } from '../../scripts/bench-producer/storm.ts';
import { createStream } from '../../scripts/bench-producer/streams.ts';
import { until } from '../support/until.ts';
import { added } from '../unit/producer/shop.ts';

const ROOT = join(import.meta.dirname, '../..');

let emulators: Emulators;
let client: KinesisClient;
let directory: string;
beforeAll(async () => {
  emulators = await startEmulators();
  client = producerClient(localConfig(emulators.endpoints.kinesis));
  directory = mkdtempSync(join(tmpdir(), 'millrace-producer-'));
});
afterAll(async () => {
  client.destroy();
  await emulators.stop();
  rmSync(directory, { recursive: true });
});

/** The same with 100,000 events over 1,000 keys: `npm run bench:producer`. */
test('in a storm of throttles, failing calls and lost answers nothing is lost, and each key is in order', async () => {
  const load = { events: 10_000, keys: 100, shards: 8, seed: 20_261_121, stream: 'storm' };
  const settings = { recordEvents: 10, callRecords: 50, bufferEvents: 2_000 };
  const { metrics, struck, held, faults, mostBuffered } = await runStorm(emulators, client, { ...load, settings });
  expect(faults).toEqual([]);
  expect(metrics).toMatchObject({ accepted: 10_000, delivered: 10_000, buffered: { events: 0, bytes: 0 } });
  expect(mostBuffered.events).toBeLessThanOrEqual(2_000);
  // Only what a lost answer left in doubt is there twice.
  expect(held - metrics.delivered).toBeGreaterThan(0);
  expect(held - metrics.delivered).toBeLessThanOrEqual(metrics.repeated);
  expect(struck.answers).toBeGreaterThan(0);
  expect(struck.calls).toBeGreaterThan(0);
  expect(struck.entries).toBeGreaterThan(200);
});

test('a burst of one key takes a fifth of the records at most', async () => {
  const load = { events: 1_000, keys: 1, shards: 1, seed: 1, stream: 'burst' };
  const calm = { entryThrottled: 0, callThrottled: 0, callDropped: 0, answerLost: 0 };
  const { records, held } = await runStorm(emulators, client, { ...load, weather: calm });
  expect(held).toBe(1_000);
  expect(records).toBeLessThanOrEqual(held / 5);
});

test('into a slow stream goes far more than the producer’s process may hold', async () => {
  const script = join(ROOT, 'scripts/bench-producer/slow-stream.ts');
  const args = ['--max-old-space-size=64', '--no-warnings', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
  const { events, bytes, most } = JSON.parse(stdout);
  expect(events).toBe(60_000);
  expect(bytes).toBeGreaterThan(100 * 1024 * 1024);
  expect(most.events).toBeLessThanOrEqual(5_000);
});

describe('millrace produce', () => {
  const line = (nth: number): string => `${JSON.stringify(added(`user-${nth % 10}`, `e${nth}`))}\n`;

  /** A stage whose stream `shop` is a new one. */
  async function stage(stream: string): Promise<NodeJS.ProcessEnv> {
    await createStream(client, stream, 2);
    const file = join(directory, `${stream}.json`);
    const outputs = { [STATEFUL_OUTPUTS.streamName('shop')]: stream };
    const stacks = { [statefulStackName('local')]: outputs };
    const { endpoints } = emulators;
    writeFileSync(file, JSON.stringify({ pid: process.pid, region: REGION, endpoints, stacks }));
    return { ...process.env, NODE_OPTIONS: '', MILLRACE_LOCAL_STATE: file };
  }

  const millrace = (env: NodeJS.ProcessEnv, ...args: string[]): ChildProcess =>
    spawn(process.execPath, ['bin/millrace.js', 'produce', ...args, '--json'], { cwd: ROOT, env });

  async function ended(child: ChildProcess) {
    if (!child.stdout || !child.stderr) throw new Error('The command has no pipes');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { exitCode: child.exitCode, report: stdout === '' ? undefined : JSON.parse(stdout), stderr };
  }

  test('sends a file to the stream of the local cloud that is up, and names its bad lines', async () => {
    const env = await stage('from-file');
    const file = join(directory, 'events.ndjson');
    writeFileSync(file, `${Array.from({ length: 500 }, (_, nth) => line(nth)).join('')}{"id":1}\n`);
    const { exitCode, report, stderr } = await ended(millrace(env, file));
    expect(stderr).toMatch(/^Line 501: not sent: Invalid event: /);
    expect(report).toMatchObject({ sent: 500, bad: 1, notSent: 0, records: 10 });
    expect(exitCode).toBe(1);
    const held = await readStream(client, 'from-file');
    expect([held.length, eventsIn(held)]).toEqual([10, 500]);
  });

  test('Ctrl-C: what was read gets in, and the next run goes on where this one ended', async () => {
    const env = await stage('interrupted');
    const child = millrace(env, '-');
    child.stdin?.write(line(1) + line(2) + line(3));
    const isIn = async (count: number): Promise<boolean> => eventsIn(await readStream(client, 'interrupted')) === count;
    await until(() => isIn(3));
    child.kill('SIGINT');
    const { exitCode, report, stderr } = await ended(child);
    expect(exitCode).toBe(130);
    expect(stderr).toContain('Interrupted by SIGINT');
    expect(report).toMatchObject({ sent: 3, notSent: 0, goOnFromLine: 4 });
    const next = millrace(env, '-', '--from-line', String(report.goOnFromLine));
    next.stdin?.end([1, 2, 3, 4, 5].map(line).join(''));
    expect((await ended(next)).report).toMatchObject({ sent: 2, bad: 0 });
    expect(await isIn(5)).toBe(true);
  });

  test('without a local cloud says how to start one', async () => {
    const env = { ...process.env, NODE_OPTIONS: '', MILLRACE_LOCAL_STATE: join(directory, 'none.json') };
    const child = millrace(env, '-');
    if (!child.stderr) throw new Error('The command has no pipes');
    const [first] = await Promise.race([once(createInterface(child.stderr), 'line'), once(child, 'close')]);
    expect(first).toContain('No local cloud is up');
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
  });
});
