import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { STATEFUL_OUTPUTS } from '../../lib/stacks/outputs.ts';
import { Interrupted } from '../../local/cli/interrupt.ts';
import { redrive } from '../../local/cli/redrive/command.ts';
import type { RedriveOptions } from '../../local/cli/redrive/options.ts';
import { eventJson, testCatalogue } from '../support/counter.ts';
import { counterStreams, counterSystems, counters } from '../support/counters.ts';
import { type CountersCloud, startCounters } from '../support/counters-cloud.ts';
import { type TestQueue, testQueue } from '../support/test-queue.ts';
import { until } from '../support/until.ts';
import { captured } from '../unit/cli/captured.ts';

/**
 * 500 rejected events, a discarded batch of applied and unapplied ones, and what no redrive can help: each step goes on where the one before
 * has left the queues.
 */

const KEYS = 50;
const code = { systems: counterSystems, streams: counterStreams, processors: counters, catalogue: testCatalogue };
const DEAD_LETTERS = STATEFUL_OUTPUTS.deadLetterQueueUrl('counter');
const ON_FAILURE = STATEFUL_OUTPUTS.onFailureQueueUrl('counter');

let counter: CountersCloud;
let directory: string;
beforeAll(async () => {
  counter = await startCounters();
  directory = mkdtempSync(join(tmpdir(), 'millrace-redrive-'));
});
afterAll(async () => {
  await counter[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const folded = (system: string) => counter.folded(system);
const allFolded = async (system: string): Promise<readonly string[]> => [...(await folded(system)).values()].flat();
const produce = (events: readonly object[]) => counter.produce(events);

const queue = (outputKey: string): TestQueue => testQueue(counter.cloud.clients.sqs, counter.output(outputKey));
const depth = (outputKey: string) => queue(outputKey).depth();
const oneBody = (outputKey: string) => queue(outputKey).peek();
const enqueue = (outputKey: string, body: string) => queue(outputKey).send(body);

const DEFAULTS: RedriveOptions = {
  stage: 'local',
  send: false,
  dryRun: false,
  force: false,
  strict: false,
  reason: [],
  limit: 100_000,
  rate: 100_000,
  json: true,
};

async function run(options: Partial<RedriveOptions>, signal = new AbortController().signal) {
  const { output, stdout } = captured();
  const exitCode = await redrive('counter', { ...DEFAULTS, ...options }, output, signal, code);
  const lines = stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { exitCode, lines, last: lines.at(-1) };
}

const good = (key: string, id: string): object => eventJson({ key, id, arrivalMs: Date.now() });
const bad = (key: string, id: string): object => eventJson({ key, id, arrivalMs: Date.now(), data: { throws: true } });

test('500 events are rejected by one of two processors, which goes on with the rest', async () => {
  const events = Array.from({ length: KEYS }, (_, k) =>
    Array.from({ length: 10 }, (_unused, n) => [good(`k${k}`, `k${k}-good-${n}`), bad(`k${k}`, `k${k}-bad-${n}`)]),
  ).flat(2);
  await produce(events);
  await counter.cloud.untilDrained();
  expect(await depth(DEAD_LETTERS)).toEqual({ visible: 500, hidden: 0 });
  expect(new Set(await allFolded('healthy')).size).toBe(1_000);
  expect(await allFolded('counter')).toHaveLength(500);
});

test('a batch is discarded since rows cannot be written and effects cannot be sent, though others of it were applied', async () => {
  const table = counter.output(STATEFUL_OUTPUTS.tableName('counter'));
  const out = counter.output(STATEFUL_OUTPUTS.streamName('out'));
  counter.cloud.setFaultHook(({ operation, input }) => {
    if (operation === 'PutRecords') return (input() as { StreamName: string }).StreamName === out ? 'throttle' : 'pass';
    if (operation !== 'PutItem') return 'pass';
    const { TableName, Item } = input() as { TableName: string; Item: { id: { S: string } } };
    return TableName === table && Item.id.S.startsWith('stuck') ? 'throttle' : 'pass';
  });
  const events = Array.from({ length: 20 }, (_, n) => [
    good(`stuck${n}`, `stuck${n}-1`),
    good(`mute${n}`, `mute${n}-1`),
  ]);
  await produce(events.flat());
  await until(async () => (await depth(ON_FAILURE)).visible > 0);
  await counter.cloud.untilDrained();
  counter.cloud.setFaultHook();
  const known = await folded('counter');
  expect([...known.keys()].filter((key) => key.startsWith('stuck'))).toEqual([]);
  expect([...known.keys()].filter((key) => key.startsWith('mute'))).not.toEqual([]);
  expect([...(await folded('follower')).keys()].filter((key) => key.startsWith('mute'))).toEqual([]);
});

test('it lists what is there by reason, and leaves it there', async () => {
  // One that the stream no longer has, one that is no document at all, and a letter that holds no event.
  const document = JSON.parse(await oneBody(ON_FAILURE));
  const info = document.KinesisBatchInfo;
  const gone = { ...info, shardId: 'shardId-000000000007', batchSize: 3 };
  await enqueue(ON_FAILURE, JSON.stringify({ ...document, KinesisBatchInfo: gone }));
  await enqueue(ON_FAILURE, 'hello');
  const letter = JSON.parse(await oneBody(DEAD_LETTERS));
  const torn = { ...letter, id: 'torn', code: 'record.not-json', payload: Buffer.from('{"half').toString('base64') };
  await enqueue(DEAD_LETTERS, JSON.stringify(torn));
  // One whose payload no message holds, which nobody but this processor has seen.
  const { payload: _, ...pointer } = letter;
  const payloadIn = {
    bucket: counter.output(STATEFUL_OUTPUTS.deadLetterBucketName('counter')),
    key: 'dead-letters/large',
  };
  const Body = JSON.stringify(good('large', 'large-1'));
  await counter.cloud.clients.s3.send(new PutObjectCommand({ Bucket: payloadIn.bucket, Key: payloadIn.key, Body }));
  const large = { ...pointer, id: 'large', code: 'event.misrouted', partitionKey: 'elsewhere', payloadIn };
  await enqueue(DEAD_LETTERS, JSON.stringify(large));
  const before = [await depth(DEAD_LETTERS), await depth(ON_FAILURE)];
  const { last, exitCode } = await run({});
  expect(exitCode).toBe(0);
  expect(last.groups).toContainEqual(
    expect.objectContaining({ queue: 'dead-letters', reason: 'event.reducer-threw', messages: 500 }),
  );
  expect(last.groups).toContainEqual(
    expect.objectContaining({ queue: 'dead-letters', reason: 'record.not-json', messages: 1 }),
  );
  expect(last.groups).toContainEqual(
    expect.objectContaining({ queue: 'on-failure', reason: 'RetryAttemptsExhausted' }),
  );
  expect(last.groups).toContainEqual(expect.objectContaining({ reason: 'not-of-this-system', messages: 1 }));
  expect([await depth(DEAD_LETTERS), await depth(ON_FAILURE)]).toEqual(before);
});

test('a dry run says what would happen to each event, and does none of it', async () => {
  const before = [await depth(DEAD_LETTERS), await depth(ON_FAILURE), await allFolded('counter')];
  const { last, lines } = await run({ dryRun: true });
  // A busy machine may have a batch discarded besides, which holds some of the rejected events as well.
  const wouldBeSent = lines.filter(({ outcome }) => outcome === 'sent').map(({ event }) => event);
  expect(new Set(wouldBeSent).size).toBe(521);
  expect(last.summary.left).toEqual({ malformed: 1, expired: 1 });
  expect(lines.filter(({ reason, outcome }) => reason === 'event.reducer-threw' && outcome === 'sent')).toHaveLength(
    500,
  );
  expect([await depth(DEAD_LETTERS), await depth(ON_FAILURE), await allFolded('counter')]).toEqual(before);
});

test('a wrong queue is left alone', async () => {
  const body = await oneBody(DEAD_LETTERS);
  await enqueue(
    STATEFUL_OUTPUTS.deadLetterQueueUrl('healthy'),
    JSON.stringify({ ...JSON.parse(body), processor: 'healthy' }),
  );
  const url = counter.output(STATEFUL_OUTPUTS.deadLetterQueueUrl('healthy'));
  const { last } = await run({ send: true, queue: url });
  expect(last.summary.messages).toEqual({ read: 0, removed: 0, left: 0, foreign: 1 });
  expect(await depth(STATEFUL_OUTPUTS.deadLetterQueueUrl('healthy'))).toEqual({ visible: 1, hidden: 0 });
  const { last: missing, exitCode } = await run({ send: true, queue: `${url}-not` });
  expect(missing.summary.failures).toEqual([expect.stringMatching(/cannot be read.*Nothing is lost/)]);
  expect(exitCode).toBe(1);
});

test('an endpoint that is dead loses nothing', async () => {
  const before = [await depth(DEAD_LETTERS), await depth(ON_FAILURE)];
  counter.publish('http://127.0.0.1:1');
  const { last, exitCode } = await run({ send: true });
  counter.publish();
  expect(exitCode).toBe(1);
  expect(last.summary.failures[0]).toContain('ECONNREFUSED');
  expect(last.summary.events.sent).toBe(0);
  expect([await depth(DEAD_LETTERS), await depth(ON_FAILURE)]).toEqual(before);
});

test('Ctrl-C in the middle ends it in order, and what it has not reached is there still', async () => {
  const interrupt = new AbortController();
  const { output, stdout } = captured();
  const running = redrive('counter', { ...DEFAULTS, send: true, rate: 200 }, output, interrupt.signal, code);
  const sent = (): number => stdout().split('"outcome":"sent"').length - 1;
  await until(() => sent() >= 100);
  interrupt.abort(new Interrupted('SIGINT'));
  await expect(running).rejects.toThrow(Interrupted);
  const { visible, hidden } = await depth(DEAD_LETTERS);
  expect(hidden).toBe(0);
  expect(visible + sent()).toBe(502);
  expect(sent()).toBeLessThan(500);
});

test('two people go on at once: every event that can be is applied exactly once, by the processor that rejected it alone', async () => {
  const both = await Promise.all([run({ send: true }), run({ send: true })]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(both.reduce((sum, { last }) => sum + last.summary.events.resent, 0)).toBeGreaterThan(0);
  // What one of them held, the other may not have seen.
  const { last } = await run({ send: true });
  expect(last.summary.left).toEqual({ malformed: 1, expired: 1 });
  await counter.cloud.untilDrained();
  for (const [system, events] of [
    ['counter', 1_041],
    ['healthy', 1_040],
  ] as const) {
    const ids = await allFolded(system);
    expect({ system, events: ids.length, distinct: new Set(ids).size }).toEqual({ system, events, distinct: events });
  }
  const followed = await folded('follower');
  for (let n = 0; n < 20; n++) expect(followed.get(`mute${n}`)).toHaveLength(2);
  expect([await depth(DEAD_LETTERS), await depth(ON_FAILURE)]).toEqual([
    { visible: 1, hidden: 0 },
    { visible: 2, hidden: 0 },
  ]);
});

test('a letter that comes again is known to be done', async () => {
  const letters = STATEFUL_OUTPUTS.deadLetterQueueUrl('healthy');
  const copy = JSON.parse(await oneBody(letters));
  await enqueue(DEAD_LETTERS, JSON.stringify({ ...copy, processor: 'counter' }));
  const { last } = await run({ send: true });
  expect(last.summary.events).toMatchObject({ sent: 0, applied: 1 });
  expect(last.summary.messages.removed).toBe(1);
});

test('a letter that holds no event is mended by hand', async () => {
  const exported = join(directory, 'letters.ndjson');
  await run({ export: exported, reason: ['record.not-json'] });
  const line = JSON.parse(readFileSync(exported, 'utf8'));
  expect(line).toMatchObject({ letter: 'torn', code: 'record.not-json' });
  const edited = join(directory, 'edited.ndjson');
  const event = good('k0', 'mended');
  writeFileSync(
    edited,
    JSON.stringify({ letter: 'torn', event: { ...event, dataschema: 'urn:millrace:test.happened:9' } }),
  );
  await expect(run({ send: true, edit: edited })).rejects.toThrow(/line 1: .*event\.unknown-version/);
  writeFileSync(edited, JSON.stringify({ letter: 'torn', event }));
  const { last } = await run({ send: true, edit: edited });
  expect(last.summary).toMatchObject({ messages: { removed: 1 }, events: { sent: 1 }, editsNotFound: [] });
  await counter.cloud.untilDrained();
  expect((await folded('counter')).get('k0')?.at(-1)).toBe('mended');
  expect((await folded('healthy')).get('k0')).not.toContain('mended');
});
