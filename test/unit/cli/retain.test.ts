import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStreamCommand, DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../../lib/stacks/outputs.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../../local/cli/local-state.ts';
import { main } from '../../../local/cli/main.ts';
import { type Emulators, startEmulators } from '../../../local/emulators/emulators.ts';
import { captured } from './captured.ts';

/** The retention of a stream, raised by somebody on call, at a real Kinesis emulator. */

const StreamName = 'shop-physical';
let emulators: Emulators;
let kinesis: KinesisClient;
let directory: string;
let published: Disposable;

beforeAll(async () => {
  emulators = await startEmulators();
  kinesis = new KinesisClient({
    endpoint: emulators.endpoints.kinesis,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: new NodeHttpHandler(),
  });
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  directory = mkdtempSync(join(tmpdir(), 'millrace-retain-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  published = publishLocalState({
    pid: process.pid,
    region: 'us-east-1',
    endpoints: emulators.endpoints,
    stacks: {
      [statefulStackName('local')]: {
        [STATEFUL_OUTPUTS.streamName('shop')]: StreamName,
        [STATEFUL_OUTPUTS.streamName('profile-updates')]: 'gone',
        [STATEFUL_OUTPUTS.checkpointTableName('profiles')]: 'c',
        [STATEFUL_OUTPUTS.deadLetterQueueUrl('profiles')]: 'd',
        [STATEFUL_OUTPUTS.onFailureQueueUrl('profiles')]: 'f',
      },
      [statelessStackName('local')]: {
        [STATELESS_OUTPUTS.functionName('profiles')]: 'fn',
        [STATELESS_OUTPUTS.mappingId('profiles')]: 'm',
      },
    },
  });
});
afterAll(async () => {
  published[Symbol.dispose]();
  delete process.env[LOCAL_STATE_ENV];
  rmSync(directory, { recursive: true, force: true });
  kinesis.destroy();
  await emulators.stop();
});

async function run(...args: string[]) {
  const { output, stdout, stderr } = captured();
  return { exitCode: await main(['retain', ...args], output), stdout: stdout(), stderr: stderr() };
}
async function hours(): Promise<number | undefined> {
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return StreamDescriptionSummary?.RetentionPeriodHours;
}

test('retention is raised, once, and never lowered', async () => {
  const first = await run('shop', '--days', '5');
  expect(first.stdout).toContain('keeps records for 120 hours from now on, not 24');
  expect(first.stdout).toContain('Set retentionDays to 5');
  expect(first.exitCode).toBe(0);
  expect(await hours()).toBe(120);
  for (const days of ['5', '2']) {
    const { stdout, exitCode } = await run('shop', '--days', days, '--json');
    expect(JSON.parse(stdout)).toEqual({
      stage: 'local',
      stream: 'shop',
      beforeHours: 120,
      retentionHours: 120,
      changed: false,
    });
    expect(exitCode).toBe(0);
  }
  expect(await hours()).toBe(120);
  await run('shop', '--days', '365');
  expect(await hours()).toBe(8_760);
});

test.each([
  [['carts', '--days', '5'], 1, /Stage local has no stream carts; it has: shop, profile-updates/],
  [['profile-updates', '--days', '5'], 1, /The retention of gone could not be raised: ResourceNotFoundException/],
  [['shop'], 2, /required option '--days <n>'/],
  [['shop', '--days', '366'], 2, /from 1 to 365/],
])('%j fails with %i and says why', async (args, code, problem) => {
  const { exitCode, stderr, stdout } = await run(...args);
  expect(stderr).toMatch(problem);
  expect(stdout).toBe('');
  expect(exitCode).toBe(code);
});
