import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyHash } from '../../../lambdas/runtime/identity.ts';
import { STATELESS_OUTPUTS, statelessStackName } from '../../../lib/stacks/outputs.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../../local/cli/local-state.ts';
import { type LogsOptions, logs } from '../../../local/cli/logs/command.ts';
import { main } from '../../../local/cli/main.ts';
import { type Front, startServer } from '../../../local/emulators/front.ts';
import type { LogLine } from '../../../local/lambda/log-stream.ts';
import { logGroupsOf } from '../../../local/logs/log-groups.ts';
import { logsApi } from '../../../local/logs/logs-api.ts';
import { captured } from './captured.ts';

/** The logs of functions, as somebody on call reads them, from an API of CloudWatch Logs. */

const NOW_MS = Date.parse('2026-06-01T12:00:00Z');
const MINUTE_MS = 60_000;
const REQUEST = '11111111-2222-4333-8444-555555555555';

let front: Front;
let directory: string;
let published: Disposable;
const written: LogLine[] = [];
const write = (minutesAgo: number, text: string | object): void => {
  const id = written.length + 1;
  const line = typeof text === 'string' ? text : JSON.stringify(text);
  written.push({ id, logStream: 's', timestampMs: NOW_MS - minutesAgo * MINUTE_MS, text: line });
};

beforeAll(async () => {
  const sources = [
    { logGroup: 'group-of-profiles', lines: () => written },
    { logGroup: 'group-of-api', lines: () => [] },
  ];
  front = await startServer(logsApi(() => logGroupsOf(sources)));
  directory = mkdtempSync(join(tmpdir(), 'millrace-logs-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  const { url } = front;
  published = publishLocalState({
    pid: process.pid,
    region: 'us-east-1',
    endpoints: { kinesis: url, dynamodb: url, sqs: url, sns: url, s3: url, logs: url },
    stacks: {
      [statelessStackName('local')]: {
        [STATELESS_OUTPUTS.logGroupName('profiles')]: 'group-of-profiles',
        [STATELESS_OUTPUTS.logGroupName('page-views')]: 'gone',
        [STATELESS_OUTPUTS.apiLogGroupName]: 'group-of-api',
      },
    },
  });
});
afterAll(async () => {
  published[Symbol.dispose]();
  delete process.env[LOCAL_STATE_ENV];
  rmSync(directory, { recursive: true, force: true });
  await front.close();
});
afterEach(() => void written.splice(0));

const DEFAULTS: LogsOptions = {
  stage: 'local',
  since: 15 * MINUTE_MS,
  errors: false,
  blocked: false,
  limit: 100,
  follow: false,
  json: false,
};
const environment = { now: () => NOW_MS, sleep: async () => undefined };

async function shown(options: Partial<LogsOptions> = {}, system = 'profiles') {
  const { output, stdout, stderr } = captured();
  const exitCode = await logs(system, { ...DEFAULTS, ...options }, output, new AbortController().signal, environment);
  return { exitCode, lines: stdout().split('\n').filter(Boolean), stderr: stderr() };
}

const batch = (more: object = {}) => ({
  level: 'INFO',
  message: 'batch folded',
  timestamp: 't',
  service: 'profiles',
  function_name: 'f',
  function_request_id: REQUEST,
  shard: 'shardId-000000000000',
  records: 25,
  applied: 20,
  rejected: 0,
  rejectedByCode: {},
  ...more,
});
const blocked = (key: string) => ({
  level: 'ERROR',
  message: 'key blocked',
  keyHash: keyHash(key),
  code: 'store.throttled',
  cause: 'DynamoDB left it',
});
const report = (status: string) => ({ type: 'platform.report', record: { requestId: REQUEST, status } });

test('a line says when, how bad and what, with what is not nothing, and the request to look for', async () => {
  write(1, batch());
  write(1, blocked('ada'));
  const { lines, exitCode } = await shown();
  expect(lines).toEqual([
    `2026-06-01T11:59:00.000Z  INFO  batch folded  shard=shardId-000000000000  records=25  applied=20  request=${REQUEST}`,
    `2026-06-01T11:59:00.000Z  ERROR key blocked  keyHash=${keyHash('ada')}  code=store.throttled  cause="DynamoDB left it"`,
  ]);
  expect(exitCode).toBe(0);
});

test('what Lambda says of failures is shown alike, and so is plain text, without what could move a cursor', async () => {
  write(1, {
    timestamp: 't',
    level: 'ERROR',
    requestId: REQUEST,
    message: { errorType: 'TypeError', errorMessage: 'x' },
  });
  write(1, report('timeout'));
  write(1, 'plain \u001b[2J text');
  expect((await shown()).lines).toEqual([
    `2026-06-01T11:59:00.000Z  ERROR error  errorType=TypeError  errorMessage=x  request=${REQUEST}`,
    `2026-06-01T11:59:00.000Z  ERROR platform.report  status=timeout  request=${REQUEST}`,
    '2026-06-01T11:59:00.000Z        plain \\u{1b}[2J text',
  ]);
});

test('lines that carry metrics alone are left out', async () => {
  write(1, { _aws: { CloudWatchMetrics: [] }, Puts: 3 });
  const { lines, stderr } = await shown();
  expect(lines).toEqual([]);
  expect(stderr).toContain('No such lines since 2026-06-01T11:45:00.000Z');
});

test.each<[Partial<LogsOptions>, string[]]>([
  [{ errors: true }, ['key blocked', 'key blocked', 'platform.report']],
  [{ blocked: true }, ['key blocked', 'key blocked']],
  [{ key: 'ada' }, ['key blocked']],
  [{ filter: '{ $.records > 20 }' }, ['batch folded']],
  [{ since: 90 * MINUTE_MS }, ['old', 'batch folded', 'key blocked', 'key blocked', 'platform.report']],
])('%j shows those', async (options, expected) => {
  write(60, { level: 'INFO', message: 'old' });
  write(1, batch());
  write(1, blocked('ada'));
  write(1, blocked('bob'));
  write(1, report('error'));
  const { lines } = await shown({ ...options, json: true });
  const names = lines.map((line) => JSON.parse(line).message).map(({ message, type }) => message ?? type);
  expect(names).toEqual(expected);
});

test('the last lines are shown, and how many there were', async () => {
  for (let n = 1; n <= 5; n++) write(1, `line ${n}`);
  const { lines, stderr } = await shown({ limit: 2 });
  expect(lines.map((line) => line.slice(-6))).toEqual(['line 4', 'line 5']);
  expect(stderr).toContain('The last 2 of 5 lines');
});

test('following shows each line once, those that arrive late too, until it is told to end', async () => {
  write(0, 'first');
  const { output, stdout } = captured();
  const controller = new AbortController();
  let polls = 0;
  const sleep = async (): Promise<void> => {
    polls += 1;
    if (polls === 1) write(0, 'second');
    if (polls === 2) write(0.1, 'late');
    if (polls === 3) controller.abort(new Error('Ctrl-C'));
    controller.signal.throwIfAborted();
  };
  const following = logs('profiles', { ...DEFAULTS, follow: true }, output, controller.signal, {
    now: () => NOW_MS,
    sleep,
  });
  await expect(following).rejects.toThrow('Ctrl-C');
  expect(
    stdout()
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1)),
  ).toEqual(['first', 'second', 'late']);
});

test('an unknown system, a log that is gone, and a wrong pattern are said to be so', async () => {
  await expect(shown({}, 'carts')).rejects.toThrow(
    'Stage local has no log of carts; it has: profiles, page-views, api',
  );
  await expect(shown({}, 'page-views')).rejects.toThrow('There is no log group gone');
  await expect(shown({ filter: '{ level = 1 }' })).rejects.toThrow(/character 3: a selector/);
  expect((await shown({}, 'api')).stderr).toContain('No such lines');
});

test.each([
  [['--since', '15'], /must be a duration such as 90s, 15m, 2h or 1d/],
  [['--since', '0m'], /must be a duration/],
  [['--filter', 'x', '--errors'], /cannot be used with option '--errors'/],
  [['--blocked', '--errors'], /cannot be used with option '--errors'/],
  [['--limit', '0'], /from 1 to 10000/],
])('%j is wrong usage', async (args, problem) => {
  const { output, stderr } = captured();
  expect(await main(['logs', 'profiles', ...args], output)).toBe(2);
  expect(stderr()).toMatch(problem);
});
