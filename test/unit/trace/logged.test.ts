import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { keyHash } from '../../../lambdas/runtime/identity.ts';
import { traceLog } from '../../../local/cli/trace/logged.ts';
import { type Front, startServer } from '../../../local/emulators/front.ts';
import type { LogLine } from '../../../local/lambda/log-stream.ts';
import { logGroupsOf } from '../../../local/logs/log-groups.ts';
import { logsApi } from '../../../local/logs/logs-api.ts';

/** What a trace finds in a log that holds the batches of many events, at an API of CloudWatch Logs. */

const SHARD = 'shardId-000000000001';
const ARRIVAL_MS = Date.parse('2026-06-01T12:00:00Z');

let front: Front;
let client: CloudWatchLogsClient;
const written: LogLine[] = [];
/** @param after seconds after the arrival. */
function write(after: number, fields: object): void {
  const id = written.length + 1;
  written.push({ id, logStream: 's', timestampMs: ARRIVAL_MS + after * 1_000, text: JSON.stringify(fields) });
}
const batch = (first: string, last: string, more: object = {}) => ({
  message: 'failedFrom' in more ? 'batch folded in part' : 'batch folded',
  shard: SHARD,
  firstSequence: first,
  lastSequence: last,
  records: 3,
  rejectedByCode: {},
  function_request_id: `request-${written.length}`,
  ...more,
});
const blocked = (key: string) => ({
  message: 'key blocked',
  keyHash: keyHash(key),
  code: 'store.throttled',
  cause: 'busy',
});

beforeAll(async () => {
  front = await startServer(logsApi(() => logGroupsOf([{ logGroup: 'group', lines: () => written }])));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new CloudWatchLogsClient({ endpoint: front.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await front.close();
});
afterEach(() => void written.splice(0));

const sighting = (sequence: string, event: object = {}) => ({
  position: { stream: 'shop', shard: SHARD, sequence, index: 0 },
  arrivalMs: ARRIVAL_MS,
  event: { id: 'e', subject: 'ada', ...event } as CloudEvent,
});

async function found(...sightings: ReturnType<typeof sighting>[]) {
  const log = () => ({ client, logGroup: 'group', system: 'profiles' });
  const section = await traceLog(log, sightings, new AbortController().signal);
  return 'items' in section ? section.items.map(({ what, request }) => [what, request]) : section.error;
}

test('an invocation is found by the range of its batch, its borders included', async () => {
  write(1, batch('100', '109'));
  expect(await found(sighting('100'))).toEqual([['finished', 'request-0']]);
  expect(await found(sighting('109'))).toEqual([['finished', 'request-0']]);
  expect(await found(sighting('99'))).toEqual([]);
  expect(await found(sighting('110'))).toEqual([]);
  // As numbers, not as text.
  expect(await found(sighting('1001'))).toEqual([]);
});

test('each attempt is told, those of overlapping lanes as well, until a minute after the first that finished it', async () => {
  write(1, batch('100', '109', { failedFrom: '104' }));
  write(1, blocked('ada'));
  write(2, batch('104', '109', { failedFrom: '105' }));
  write(3, batch('105', '109'));
  write(63, batch('104', '108'));
  write(64, batch('105', '109'));
  expect(await found(sighting('105'))).toEqual([
    ['again', 'request-0'],
    ['blocked', undefined],
    ['again', 'request-2'],
    ['finished', 'request-3'],
    ['finished', 'request-4'],
  ]);
});

test('other shards, other keys, and what was logged long before it arrived are others', async () => {
  write(-60, batch('100', '109'));
  write(1, batch('100', '109', { shard: 'shardId-000000000002' }));
  write(1, blocked('bob'));
  write(1, { level: 'INFO', message: 'something else', shard: SHARD, firstSequence: '100', lastSequence: '109' });
  expect(await found(sighting('104'))).toEqual([]);
});

test('each record of the event is looked for, but for those that are meant for others', async () => {
  write(1, batch('100', '109'));
  write(5, batch('200', '209'));
  write(9, batch('300', '309'));
  const redriven = sighting('204', { millraceto: 'profiles' });
  const foreign = sighting('304', { millraceto: 'carts' });
  expect(await found(sighting('104'), redriven, foreign)).toEqual([
    ['finished', 'request-0'],
    ['finished', 'request-1'],
  ]);
});

test('a log that cannot be read is said to be so, and stops nothing', async () => {
  const broken = (): never => {
    throw new Error('stage prod does not name the log');
  };
  expect(await traceLog(broken, [sighting('1')], new AbortController().signal)).toEqual({
    error: 'stage prod does not name the log',
  });
});
