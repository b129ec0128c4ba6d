import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { STATEFUL_OUTPUTS } from '../../lib/stacks/outputs.ts';
import { Interrupted } from '../../local/cli/interrupt.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../local/cli/local-state.ts';
import { main } from '../../local/cli/main.ts';
import { switchMapping } from '../../local/cli/mapping/command.ts';
import { localState } from '../../local/cli/start/watch.ts';
import { status as statusCommand } from '../../local/cli/status/command.ts';
import type { Status } from '../../local/cli/status/model.ts';
import type { Cloud } from '../../local/cloud.ts';
import { type BareStage, STATEFUL, SYSTEM, startBareStage } from '../support/bare-stage.ts';
import { until } from '../support/until.ts';
import { captured } from '../unit/cli/captured.ts';

/** Commands for on-call against a local cloud that is up, through the endpoints that AWS would have. */

let stage: BareStage;
let cloud: Cloud;
let directory: string;

beforeAll(async () => {
  stage = await startBareStage();
  ({ cloud } = stage);
  directory = mkdtempSync(join(tmpdir(), 'millrace-status-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
});

afterAll(async () => {
  delete process.env[LOCAL_STATE_ENV];
  rmSync(directory, { recursive: true });
  await stage[Symbol.asyncDispose]();
});

/** Runs a command while the cloud is published, with endpoints as a test changes them. */
async function run(args: readonly string[], endpoints: Partial<Cloud['endpoints']> = {}) {
  const state = localState(cloud);
  using _ = publishLocalState({ ...state, endpoints: { ...state.endpoints, ...endpoints } });
  const { output: to, stdout, stderr } = captured();
  return { exitCode: await main(args, to), stdout: stdout(), stderr: stderr() };
}

async function status(endpoints: Partial<Cloud['endpoints']> = {}) {
  const { exitCode, stdout } = await run(['status', '--json'], endpoints);
  return { exitCode, status: JSON.parse(stdout) as Status };
}

async function put(): Promise<string> {
  const { SequenceNumber = '' } = await cloud.clients.kinesis.send(
    new PutRecordCommand({
      StreamName: cloud.output(STATEFUL, STATEFUL_OUTPUTS.streamName('shop')),
      PartitionKey: 'ada',
      Data: Buffer.from('{}'),
    }),
  );
  return SequenceNumber;
}

const mapping = { system: SYSTEM, stream: 'shop', lastResult: 'OK', changedAt: expect.any(String) };

test('a healthy stage, a pause, what piles up in it, and its end', async () => {
  const first = await put();
  await cloud.untilDrained(AbortSignal.timeout(60_000));
  const healthy = await status();
  expect(healthy).toMatchObject({
    exitCode: 0,
    status: {
      streams: { items: [{ stream: 'shop', status: 'ACTIVE', openShards: 1, retentionHours: 168 }] },
      systems: { items: [{ ...mapping, state: 'Enabled' }] },
      lag: {
        items: [
          {
            iteratorAge: { ms: expect.any(Number) },
            allCheckpoints: true,
            shards: [{ open: true, checkpoint: { sequenceNumber: first }, behindMs: 0 }],
          },
        ],
      },
      alarms: { items: [], total: 1 },
      queues: {
        items: [
          { queue: 'dead letters', waiting: 0 },
          { queue: 'on-failure', waiting: 0 },
        ],
      },
    },
  });

  const paused = await run(['pause', SYSTEM, '--json']);
  expect([paused.exitCode, JSON.parse(paused.stdout)]).toMatchObject([0, { state: 'Disabled', changed: true }]);
  const again = await run(['pause', SYSTEM, '--json']);
  expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([0, { state: 'Disabled', changed: false }]);

  const second = await put();
  const { status: waiting } = await status();
  expect(waiting).toMatchObject({
    systems: { items: [{ ...mapping, state: 'Disabled' }] },
    lag: {
      items: [
        {
          unread: { kind: 'some', expiresAt: expect.any(String) },
          shards: [{ checkpoint: { sequenceNumber: first } }],
        },
      ],
    },
  });
  const [
    {
      unread,
      shards: [shard],
    } = { shards: [] },
  ] = 'items' in waiting.lag ? waiting.lag.items : [];
  expect(shard?.behindMs).toBeGreaterThan(0);
  // The stream keeps records for 168 hours, and the record is younger than this test may last.
  expect(unread?.kind === 'some' && unread.hoursLeft).toBeGreaterThan(167.9);
  expect((await run(['status'])).stdout).toContain(`npx millrace resume ${SYSTEM}`);

  const resumed = await run(['resume', SYSTEM]);
  expect(resumed.stdout).toContain(`Resumed system ${SYSTEM} of stage local`);
  await cloud.untilDrained(AbortSignal.timeout(60_000));
  expect((await status()).status.lag).toMatchObject({
    items: [{ shards: [{ checkpoint: { sequenceNumber: second }, behindMs: 0 }] }],
  });
});

test('an alarm makes the exit code 2, and is shown with what to do first', async () => {
  cloud.metrics.put({
    namespace: metricNamespace('local'),
    name: METRICS.brokenBatches,
    dimensions: { [METRIC_DIMENSION]: SYSTEM },
    timestampMs: Date.now() - 60_000,
    values: [1],
  });
  await cloud.monitor.evaluate();
  const { exitCode, stdout } = await run(['status']);
  expect(stdout).toMatch(/Alarms: 1 of 1 in ALARM/);
  expect(stdout).toMatch(/^ *First: roll the last deployment back\.$/m);
  expect(exitCode).toBe(2);
});

test.each<[keyof Cloud['endpoints'], (keyof Status)[]]>([
  ['kinesis', ['streams', 'lag']],
  ['lambda', ['systems', 'lag']],
  ['sqs', ['queues']],
  ['dynamodb', ['lag']],
  ['cloudwatch', ['alarms']],
])('%s that does not answer is named in its parts alone', async (service, parts) => {
  const { exitCode, status: seen } = await status({ [service]: 'http://127.0.0.1:1' });
  for (const part of ['streams', 'systems', 'lag', 'alarms', 'queues'] as const) {
    if (parts.includes(part)) expect(seen[part]).toEqual({ error: expect.stringContaining('ECONNREFUSED') });
    else expect(seen[part]).toHaveProperty('items');
  }
  expect(exitCode).toBe(service === 'cloudwatch' ? 1 : 2);
});

test('a watch looks at once, and ends at Ctrl-C with the exit code of its last look', async () => {
  using _ = publishLocalState(localState(cloud));
  const { output: to, stdout } = captured();
  const interrupt = new AbortController();
  const watching = statusCommand({ stage: 'local', json: true, watch: true }, to, interrupt.signal);
  await until(() => stdout().includes('\n'));
  interrupt.abort(new Interrupted('SIGINT'));
  expect(await watching).toBe(2);
  expect(stdout().trim().split('\n')).toHaveLength(1);
});

test('a watch looks again after each pause, and Ctrl-C in a pause ends it', async () => {
  using _ = publishLocalState(localState(cloud));
  const { output: to, stdout } = captured();
  const interrupt = new AbortController();
  let pauses = 0;
  const sleep = async (): Promise<void> => {
    pauses += 1;
    if (pauses === 2) interrupt.abort(new Interrupted('SIGINT'));
    interrupt.signal.throwIfAborted();
  };
  const options = { stage: 'local', json: true, watch: true };
  expect(await statusCommand(options, to, interrupt.signal, { now: Date.now, sleep })).toBe(2);
  const seen = stdout()
    .trim()
    .split('\n')
    .map((line): Status => JSON.parse(line));
  expect(seen).toHaveLength(2);
  expect(seen[1]?.at).not.toBe(seen[0]?.at);
});

test('Ctrl-C ends a look at a service that does not answer', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = silent.address() as AddressInfo;
    const state = localState(cloud);
    using _ = publishLocalState({ ...state, endpoints: { ...state.endpoints, kinesis: `http://127.0.0.1:${port}` } });
    const { output: to, stdout } = captured();
    const interrupt = new AbortController();
    const looking = statusCommand({ stage: 'local', json: true, watch: false }, to, interrupt.signal);
    await until(() => sockets.length > 0);
    interrupt.abort(new Interrupted('SIGINT'));
    await expect(looking).rejects.toThrow(Interrupted);
    expect(stdout()).toBe('');
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
});

test('a system that is not there is named with those that are', async () => {
  expect(await run(['pause', 'carts'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`Stage local has no system carts; it has: ${SYSTEM}`),
  });
});

test('a pause that Lambda cannot be asked for says so', async () => {
  const { exitCode, stderr } = await run(['pause', SYSTEM], { lambda: 'http://127.0.0.1:1' });
  expect(stderr).toMatch(/System profiles could not be paused: .*ECONNREFUSED/);
  expect(exitCode).toBe(1);
});

test('a pause that Ctrl-C ends says where to look, since Lambda may go on with it', async () => {
  using _ = publishLocalState(localState(cloud));
  const { output: to, stderr } = captured();
  const interrupt = AbortSignal.abort(new Interrupted('SIGINT'));
  const pausing = switchMapping('pause', SYSTEM, { stage: 'local', json: false }, to, interrupt);
  await expect(pausing).rejects.toThrow(Interrupted);
  expect(stderr()).toContain('npx millrace status shows what the mapping is');
});
