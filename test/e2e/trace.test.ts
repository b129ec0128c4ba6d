import type { CloudEvent } from '../../lambdas/core/event.ts';
import { createProducer } from '../../lambdas/producer/index.ts';
import { STATEFUL_OUTPUTS } from '../../lib/stacks/outputs.ts';
import { redrive } from '../../local/cli/redrive/command.ts';
import { type TraceOptions, trace } from '../../local/cli/trace/command.ts';
import { eventJson, testCatalogue } from '../support/counter.ts';
import { counterStreams, counterSystems, counters } from '../support/counters.ts';
import { type CountersCloud, startCounters } from '../support/counters-cloud.ts';
import { captured } from '../unit/cli/captured.ts';

/** From the stream that outsiders write, through one processor, into the next stream and the processor behind it. */

const code = { systems: counterSystems, streams: counterStreams, processors: counters, catalogue: testCatalogue };
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

let cloud: CountersCloud;
beforeAll(async () => {
  cloud = await startCounters();
  const at = (id: string, options: object = {}) => eventJson({ key: 'ada', id, arrivalMs: Date.now(), ...options });
  const stream = cloud.output(STATEFUL_OUTPUTS.streamName('in'));
  await using producer = createProducer({ stream, source: 'urn:test', client: cloud.cloud.clients.kinesis });
  const events = [at('first', { extensions: { traceparent } }), at('second'), at('bad', { data: { throws: true } })];
  // In one record, and so folded by one commit.
  await producer.sendTogether(events as CloudEvent[]);
  await producer.flush();
  await cloud.cloud.untilDrained();
});
afterAll(() => cloud[Symbol.asyncDispose]());

const OPTIONS: TraceOptions = { stage: 'local', hops: 5, json: true, unmask: false };
const signal = new AbortController().signal;

async function traced(eventId: string, options: Partial<TraceOptions> = {}) {
  const { output, stdout, stderr } = captured();
  const exitCode = await trace(eventId, { ...OPTIONS, ...options }, output, signal, code);
  const text = stdout().trim();
  return { exitCode, text, stderr: stderr(), hops: options.json === false ? [] : JSON.parse(text) };
}

test('an event is followed over two hops: both processors of its stream, what one published, and who folded that', async () => {
  const { exitCode, hops } = await traced('first');
  expect(exitCode).toBe(0);
  expect(hops).toHaveLength(1);
  const [{ stream, trace: context, systems }] = hops;
  expect({ stream, traceId: context.traceId }).toEqual({ stream: 'in', traceId: TRACE_ID });
  const [counter, healthy] = systems;
  expect(counter).toMatchObject({
    system: 'counter',
    row: { version: 1, knowsId: true, outbox: 'settled' },
    parked: [],
    log: { items: [{ what: 'finished', detail: expect.stringContaining('1 × event.reducer-threw') }] },
  });
  expect(healthy).toMatchObject({
    system: 'healthy',
    row: { version: 1, knowsId: true, outbox: 'empty' },
    effects: [],
  });
  const [own, commit] = counter.effects;
  expect(own).toMatchObject({ of: 'event', stream: 'out', event: { type: 'test.counted', causationid: 'first' } });
  expect(own.trace.traceId).toBe(TRACE_ID);
  expect(commit).toMatchObject({
    of: 'commit',
    stream: 'out',
    event: { type: 'test.committed', causationid: 'second' },
  });
  expect(own.systems).toEqual([
    expect.objectContaining({ system: 'follower', row: expect.objectContaining({ knowsId: true }) }),
  ]);
});

test('a rejected event is found with its dead letter, and after a redrive with both of its places', async () => {
  const before = (await traced('bad')).hops[0].systems[0];
  expect(before).toMatchObject({ system: 'counter', row: { knowsId: false } });
  expect(before.parked).toEqual([expect.objectContaining({ queue: 'dead-letters', reason: 'event.reducer-threw' })]);
  const options = {
    stage: 'local',
    send: true,
    dryRun: false,
    force: false,
    strict: false,
    reason: [],
    limit: 10,
    rate: 10,
    json: true,
  };
  await redrive('counter', options, captured().output, signal, code);
  await cloud.cloud.untilDrained();
  const [{ records, systems }] = (await traced('bad')).hops;
  expect(records).toEqual([
    expect.not.objectContaining({ millraceto: 'counter' }),
    expect.objectContaining({ millraceto: 'counter' }),
  ]);
  expect(systems[0]).toMatchObject({ system: 'counter', row: { version: 2, knowsId: true }, parked: [] });
  expect(systems[0].effects).toHaveLength(2);
});

test('people read it without learning whose it is', async () => {
  const { text, stderr } = await traced('first', { json: false });
  expect(text).toMatch(/^test\.happened {2}first {2}of #[0-9a-f]{6}/);
  expect(text).toContain('applied: the row knows its id');
  expect(text).toMatch(/log +\S+Z in the range of a batch of 1 record, rejected.*; request [0-9a-f-]{36}/);
  expect(text).not.toContain('ada');
  expect(stderr).toContain('Followed over 2 hops');
});

test('the log of each place of an event is looked through, and one that is not there is said to be so', async () => {
  const [{ systems }] = (await traced('bad')).hops;
  const { items } = systems[0].log;
  expect(items.map(({ what }: { what: string }) => what)).toEqual(['finished', 'finished']);
  expect(new Set(items.map(({ request }: { request: string }) => request)).size).toBe(2);
  expect(systems[1].log.items).toHaveLength(1);
  cloud.publish({ logs: 'http://127.0.0.1:1' });
  const [gone] = (await traced('bad')).hops;
  expect(gone.systems[0]).toMatchObject({
    row: { knowsId: true },
    log: { error: expect.stringContaining('ECONNREFUSED') },
  });
  cloud.publish();
});

test('what no stream holds is said to be nowhere', async () => {
  const { exitCode, stderr } = await traced('never');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('No stream holds never');
});
