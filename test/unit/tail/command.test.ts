import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { CreateStreamCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { itemAdded, pageViewed } from '../../../lambdas/systems/profiles/events.ts';
import { Interrupted } from '../../../local/cli/interrupt.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../../local/cli/local-state.ts';
import { main } from '../../../local/cli/main.ts';
import { Output } from '../../../local/cli/output.ts';
import { tail } from '../../../local/cli/tail/command.ts';
import { localClients, type OwnedClients } from '../../../local/clients.ts';
import { type Emulators, REGION, startEmulators } from '../../../local/emulators/emulators.ts';
import { eventOf } from '../../support/events.ts';
import { until } from '../../support/until.ts';
import { captured } from '../cli/captured.ts';

const STREAM = 'the-shop-stream';

let emulators: Emulators;
let owned: OwnedClients;
let directory: string;
let published: Disposable;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-tail-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  emulators = await startEmulators();
  const { endpoints } = emulators;
  owned = localClients(endpoints);
  await owned.clients.kinesis.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 2 }));
  const stacks = { 'Millrace-local-Stateful': { ShopStreamName: STREAM } };
  published = publishLocalState({ pid: process.pid, region: REGION, endpoints, stacks });
  await put([
    eventOf(itemAdded, { productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' }, { subject: 'ada' }),
    eventOf(pageViewed, { productId: 'mug' }, { subject: 'ada' }),
    eventOf(itemAdded, { productId: 'cup', quantity: 1, unitPrice: 500, currency: 'EUR' }, { subject: 'ada' }),
  ]);
});

afterAll(async () => {
  published[Symbol.dispose]();
  delete process.env[LOCAL_STATE_ENV];
  rmSync(directory, { recursive: true });
  owned.destroy();
  await emulators.stop();
});

async function put(events: readonly { readonly subject: string }[]): Promise<void> {
  const Records = events.map((event) => ({ PartitionKey: event.subject, Data: Buffer.from(JSON.stringify(event)) }));
  await owned.clients.kinesis.send(new PutRecordsCommand({ StreamName: STREAM, Records }));
}

async function run(...args: string[]) {
  const { output, stdout, stderr } = captured();
  return { exitCode: await main(['tail', ...args], output), stdout: stdout(), stderr: stderr() };
}

const all = {
  stage: 'local',
  from: { kind: 'horizon' },
  type: [],
  key: [],
  where: [],
  json: false,
  unmask: true,
} as const;

describe('millrace tail', () => {
  test('shows what is asked for and ends after so many', async () => {
    const { exitCode, stdout, stderr } = await run(
      'shop',
      '--from',
      'horizon',
      '--type',
      'cart.*',
      '--limit',
      '2',
      '--unmask',
    );
    expect(stdout).toMatch(
      /^\S+ \S+ {2}ada .*user ada added 2 × mug at EUR 8.90\n\S+ \S+ {2}ada .*added 1 × cup .*\n$/,
    );
    expect(stderr).toBe(
      'Tailing stream shop of stage local from its horizon; Ctrl-C ends it\n2 events shown of 3 read\n',
    );
    expect(exitCode).toBe(0);
  });

  test('masks unless it is told not to, and prints NDJSON', async () => {
    const { stdout } = await run(
      'shop',
      '--from',
      'horizon',
      '--key',
      'ada',
      '--where',
      'data.quantity>=2',
      '--limit',
      '1',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      event: { subject: expect.stringMatching(/^#/), data: { productId: 'mug' } },
    });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout).not.toContain('ada');
  });

  test('goes on with what arrives until Ctrl-C, which is no failure', async () => {
    const { output, stdout } = captured();
    const interrupt = new AbortController();
    const ended = tail('shop', all, output, interrupt.signal);
    await until(() => stdout().split('\n').length > 3);
    await put([eventOf(pageViewed, { path: '/late' }, { subject: 'grace' })]);
    await until(() => stdout().includes('user grace looked at /late'));
    interrupt.abort(new Interrupted('SIGINT'));
    expect(await ended).toBe(0);
  });

  test('ends by itself when its reader goes away', async () => {
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })),
    });
    const output = new Output({ stdout: gone, stderr: new Writable({ write: (_chunk, _encoding, done) => done() }) });
    expect(await tail('shop', all, output, new AbortController().signal)).toBe(0);
  });

  test('waits for a slow reader instead of filling the memory', async () => {
    const waiting: (() => void)[] = [];
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void waiting.push(done) });
    const output = new Output({ stdout: slow, stderr: new Writable({ write: (_chunk, _encoding, done) => done() }) });
    const interrupt = new AbortController();
    const ended = tail('shop', all, output, interrupt.signal);
    await until(() => waiting.length === 1);
    const held = slow.writableLength;
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(slow.writableLength).toBe(held);
    interrupt.abort(new Interrupted('SIGINT'));
    expect(await ended).toBe(0);
  });

  test('says what it waits for', async () => {
    emulators.setFaultHook(({ operation }) => (operation === 'GetRecords' ? 'throttle' : 'pass'));
    const { output, stdout, stderr } = captured();
    const interrupt = new AbortController();
    const ended = tail('shop', all, output, interrupt.signal);
    await until(() => stderr().includes('Waiting for shardId-000000000000: ProvisionedThroughputExceededException'));
    emulators.setFaultHook();
    await until(() => stdout().includes('ada'));
    interrupt.abort(new Interrupted('SIGINT'));
    await ended;
  });
});

describe('wrong usage', () => {
  test.each<[string[], RegExp, number]>([
    [
      ['shop', '--from', 'yesterday'],
      /--from <place>' argument 'yesterday' is invalid. It must be horizon, now, or a time/,
      2,
    ],
    [['shop', '--from', '2999-01-01T00:00:00Z'], /It must not lie in the future/, 2],
    [['shop', '--from', '2026-01-01'], /It must be horizon, now, or a time/, 2],
    [['shop', '--where', '>1'], /--where <condition>' argument '>1' is invalid. It must be a path/, 2],
    [['shop', '--limit', '0'], /It must be an integer of 1 or more/, 2],
    [['--json'], /missing required argument 'stream'/, 2],
    [['cellar'], /^There is no stream cellar; there are: shop, profile-updates\n$/, 1],
  ])('%j', async (args, message, code) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect([exitCode, stdout]).toEqual([code, '']);
  });
});

test('a stage in AWS is found by the outputs of its stack, and its own iterators are followed', async () => {
  const xml = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>s</StackName><Outputs><member><OutputKey>ShopStreamName</OutputKey><OutputValue>${STREAM}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  const cloudformation = createServer(
    (_, response) => void response.writeHead(200, { 'content-type': 'text/xml' }).end(xml),
  );
  cloudformation.listen(0, '127.0.0.1');
  await once(cloudformation, 'listening');
  const saved = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${(cloudformation.address() as AddressInfo).port}`,
    AWS_ENDPOINT_URL_KINESIS: emulators.endpoints.kinesis,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  try {
    const { exitCode, stdout } = await run(
      'shop',
      '--stage',
      'prod',
      '--from',
      'horizon',
      '--key',
      'ada',
      '--limit',
      '1',
      '--unmask',
    );
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('user ada added 2 × mug')]);
  } finally {
    process.env = saved;
    cloudformation.closeAllConnections();
    cloudformation.close();
    await once(cloudformation, 'close');
  }
});
