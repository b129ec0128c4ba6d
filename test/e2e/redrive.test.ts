import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STATEFUL_OUTPUTS } from '../../lib/stacks/outputs.ts';
import { Interrupted } from '../../local/cli/interrupt.ts';
import type { Cloud } from '../../local/cloud.ts';
import { type CountersCloud, startCounters } from '../support/counters-cloud.ts';
import { addLostBatches, addOtherLetters, discardBatch, rejectedAmongGood } from '../support/redrive-stock.ts';
import { good, type Operator, operatorOf, writeEdits } from '../support/redriving.ts';
import { testQueue } from '../support/test-queue.ts';
import { until } from '../support/until.ts';

/**
 * 500 rejected events, a discarded batch of applied and unapplied ones, and what no redrive can help: each step goes on where the one before
 * has left the queues.
 */

const NOWHERE = 'http://127.0.0.1:1';

let counter: CountersCloud;
let operator: Operator;
let directory: string;
beforeAll(async () => {
  counter = await startCounters();
  operator = operatorOf(counter);
  directory = mkdtempSync(join(tmpdir(), 'millrace-redrive-'));
});
afterAll(async () => {
  await counter[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const allFolded = async (system: string): Promise<readonly string[]> =>
  [...(await counter.folded(system)).values()].flat();
/** How many messages wait, all of them visible. */
async function waiting(): Promise<number> {
  const depths = await operator.depths();
  expect(depths.map(({ hidden }) => hidden)).toEqual([0, 0]);
  return depths.reduce((sum, { visible }) => sum + visible, 0);
}

/** A dead letter of the counter, and what Lambda said of its discarded batch: each comes again in some test. */
let letter: string;
let discard: string;

test('500 events are rejected by one of two processors, which goes on with the rest', async () => {
  await counter.produce(rejectedAmongGood());
  await counter.cloud.untilDrained();
  expect(await operator.letters.depth()).toEqual({ visible: 500, hidden: 0 });
  expect(new Set(await allFolded('healthy')).size).toBe(1_000);
  expect(await allFolded('counter')).toHaveLength(500);
  letter = await operator.letters.peek();
});

test('a batch is discarded since rows cannot be written and effects cannot be sent, though others of it were applied', async () => {
  await discardBatch(counter);
  expect((await operator.discards.depth()).visible).toBeGreaterThan(0);
  const known = await counter.folded('counter');
  expect([...known.keys()].filter((key) => key.startsWith('stuck'))).toEqual([]);
  expect([...known.keys()].filter((key) => key.startsWith('mute'))).not.toEqual([]);
  expect([...(await counter.folded('follower')).keys()].filter((key) => key.startsWith('mute'))).toEqual([]);
  discard = await operator.discards.peek();
});

test('one was redriven before, by somebody who died before its message was removed, and waits in the stream still', async () => {
  await operator.switch('pause');
  const { id, payload } = JSON.parse(letter);
  const edit = join(directory, 'same.ndjson');
  writeEdits(edit, { [id]: JSON.parse(Buffer.from(payload, 'base64').toString()) });
  const { last } = await operator.run({ send: true, edit });
  expect(last.summary).toMatchObject({ messages: { removed: 1 }, events: { sent: 1 }, editsNotFound: [] });
  await operator.letters.send(letter);
});

test('it lists what is there by reason, and leaves it there', async () => {
  await addLostBatches(operator, discard);
  await addOtherLetters(counter, operator, letter);
  const before = await operator.depths();
  const { last, exitCode } = await operator.run({});
  expect(exitCode).toBe(0);
  const groups = (queue: string): object =>
    Object.fromEntries(
      last.groups
        .filter((group: { queue: string }) => group.queue === queue)
        .map(({ reason, messages }: { reason: string; messages: number }) => [reason, messages]),
    );
  expect(groups('dead-letters')).toEqual({
    'event.reducer-threw': 500,
    'record.not-json': 1,
    'event.invalid-data': 1,
    'event.misrouted': 1,
  });
  expect(groups('on-failure')).toMatchObject({ RetryAttemptsExhausted: expect.any(Number), 'not-of-this-system': 1 });
  expect(await operator.depths()).toEqual(before);
});

test('a dry run says what would happen to each event, and does none of it', async () => {
  const before = [await operator.depths(), await allFolded('counter')];
  const { last, lines } = await operator.run({ dryRun: true });
  const eventsOf = (outcome: string) => lines.filter((line) => line.outcome === outcome).map(({ event }) => event);
  // A busy machine may have a batch discarded besides, which holds some of the rejected events as well.
  expect(new Set(eventsOf('sent')).size).toBe(499 + 20 + 1);
  expect(new Set(eventsOf('in-stream')).size).toBe(1);
  expect(eventsOf('applied')).toContain('k1-good-3');
  expect(eventsOf('applied')).toContain('mute0-1');
  expect(last.summary.left).toEqual({ malformed: 1, expired: 1 });
  expect([await operator.depths(), await allFolded('counter')]).toEqual(before);
});

test('a wrong queue is left alone', async () => {
  const url = counter.output(STATEFUL_OUTPUTS.deadLetterQueueUrl('healthy'));
  const queue = testQueue(counter.cloud.clients.sqs, url);
  await queue.send(JSON.stringify({ ...JSON.parse(letter), processor: 'healthy' }));
  // A queue of another stage, whose counter reads another stream.
  const elsewhere = String(BigInt(JSON.parse(letter).sequence) + 2n ** 160n);
  await queue.send(JSON.stringify({ ...JSON.parse(letter), sequence: elsewhere }));
  const { last } = await operator.run({ send: true, queue: url });
  expect(last.summary).toMatchObject({
    messages: { read: 1, removed: 0, left: 1, foreign: 1 },
    left: { 'other-stream': 1 },
  });
  expect(await queue.depth()).toEqual({ visible: 2, hidden: 0 });
  const missing = await operator.run({ send: true, queue: `${url}-not` });
  expect(missing.last.summary.failures).toEqual([expect.stringMatching(/cannot be read.*Nothing is lost/)]);
  expect(missing.exitCode).toBe(1);
});

test.each<[keyof Cloud['endpoints'], string[]]>([
  ['kinesis', []],
  ['dynamodb', []],
  ['sqs', []],
  ['s3', ['event.misrouted']],
])('an endpoint that is dead loses nothing: %s', async (service, reason) => {
  const before = await waiting();
  counter.publish({ [service]: NOWHERE });
  const { last, exitCode } = await operator.run({ send: true, reason, limit: 20 });
  counter.publish();
  expect(exitCode).toBe(1);
  const { failures, events, messages } = last.summary;
  expect(failures[0]).toContain('ECONNREFUSED');
  // Without Kinesis those go that are in the stream or applied already.
  expect([events.sent, messages.removed]).toEqual([0, events.applied + events.inStream]);
  expect(await waiting()).toBe(before - messages.removed);
});

test('Ctrl-C in the middle ends it in order, and what it has not reached is there still', async () => {
  const before = await waiting();
  const interrupt = new AbortController();
  const running = operator.begin({ send: true, rate: 400 }, interrupt.signal);
  await until(() => running.printed() >= 100);
  interrupt.abort(new Interrupted('SIGINT'));
  await expect(running.ended).rejects.toThrow(Interrupted);
  const lines = running.lines();
  const done = lines.filter(({ outcome }) => ['sent', 'applied', 'in-stream'].includes(outcome)).length;
  expect(lines.at(-1)).toMatchObject({ summary: { complete: false, messages: { removed: done } } });
  expect(await waiting()).toBe(before - done);
  expect(done).toBeLessThan(500);
});

test('two people go on at once: every event that can be is applied exactly once, by the processor that rejected it alone', async () => {
  const both = await Promise.all([operator.run({ send: true }), operator.run({ send: true })]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(both.reduce((sum, { last }) => sum + last.summary.events.resent, 0)).toBeGreaterThan(0);
  // What one of them held, the other may not have seen.
  const { last } = await operator.run({ send: true });
  expect(last.summary.left).toEqual({ malformed: 1, expired: 1 });
  await operator.switch('resume');
  await counter.cloud.untilDrained();
  for (const [system, events] of [
    ['counter', 1_041],
    ['healthy', 1_040],
  ] as const) {
    const ids = await allFolded(system);
    expect({ system, events: ids.length, distinct: new Set(ids).size }).toEqual({ system, events, distinct: events });
  }
  const followed = await counter.folded('follower');
  for (let n = 0; n < 20; n++) expect(followed.get(`mute${n}`)).toHaveLength(2);
  expect(await operator.depths()).toEqual([
    { visible: 1, hidden: 0 },
    { visible: 2, hidden: 0 },
  ]);
});

test('messages that come again are known to be done', async () => {
  await operator.letters.send(letter);
  await operator.discards.send(discard);
  const { last } = await operator.run({ send: true });
  expect(last.summary.events).toMatchObject({ sent: 0, moved: 0 });
  expect(last.summary.events.applied).toBeGreaterThan(1);
  expect(last.summary.messages.removed).toBe(2);
});

test('a letter that holds no event is mended by hand', async () => {
  const exported = join(directory, 'letters.ndjson');
  await operator.run({ export: exported, reason: ['record.not-json'] });
  expect(JSON.parse(readFileSync(exported, 'utf8'))).toMatchObject({ letter: 'torn', code: 'record.not-json' });
  const edit = join(directory, 'edited.ndjson');
  const event = good('k0', 'mended');
  writeEdits(edit, { torn: { ...event, dataschema: 'urn:millrace:test.happened:9' } });
  await expect(operator.run({ send: true, edit })).rejects.toThrow(/line 1: .*event\.unknown-version/);
  writeEdits(edit, { torn: event });
  const { last } = await operator.run({ send: true, edit });
  expect(last.summary).toMatchObject({ messages: { removed: 1 }, events: { sent: 1 }, editsNotFound: [] });
  await counter.cloud.untilDrained();
  expect((await counter.folded('counter')).get('k0')?.at(-1)).toBe('mended');
  expect((await counter.folded('healthy')).get('k0')).not.toContain('mended');
});
