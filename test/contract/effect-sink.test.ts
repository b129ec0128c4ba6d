import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { awsEffectSink } from '../../lambdas/aws/effect-sink.ts';
import type { Effect } from '../../lambdas/core/effect.ts';
import { envelopeSchema } from '../../lambdas/core/event.ts';
import { kinesisRecords, type RecordsClient } from '../../lambdas/producer/index.ts';
import { type AddressedEffect, type EffectSink, TransientError } from '../../lambdas/runtime/ports.ts';
import { type LocalAws, localAws } from '../support/aws.ts';
import { memorySink } from '../support/memory/edges.ts';

let aws: LocalAws;
let made = 0;
beforeAll(async () => {
  aws = await localAws();
});
afterAll(() => aws.stop());
afterEach(() => aws.emulators.setFaultHook());

const signal = new AbortController().signal;

/** The trace of the cause below, and a span of the effect's own. */
const TRACED = expect.stringMatching(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);

const addressed = (id: string, effect: Effect, key = 'sender'): AddressedEffect => ({
  id,
  processor: 'counter',
  key,
  epoch: 'epoch-1',
  version: 7,
  cause: {
    id: 'cause',
    source: 'urn:s',
    time: '2026-01-01T00:00:00Z',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
  effect,
});

const publication = (subject: string, data: object = {}): Effect => ({
  kind: 'publish',
  stream: 'out',
  type: 'test.counted',
  dataschema: 'urn:millrace:test.counted:1',
  subject,
  data,
});

interface Destination {
  readonly sink: EffectSink;
  readonly stream: string;
  readonly queueUrl: string;
  readonly table: string;
}

async function onAws(): Promise<Destination> {
  const n = made++;
  const [stream, queueUrl, table] = await Promise.all([
    aws.createStream(`out-${n}`),
    aws.createQueue(`alerts-${n}`),
    aws.createTable(`view-${n}`),
  ]);
  const destinations = { stream: () => stream, queueUrl: () => queueUrl, table: () => table };
  return { sink: awsEffectSink(aws, destinations, 10), stream, queueUrl, table };
}

interface JsonEvent {
  readonly id: string;
  readonly subject: string;
  readonly data: { readonly n: number };
}

const eventsOf = async (stream: string): Promise<readonly JsonEvent[]> =>
  (await aws.records(stream)).flatMap(({ json }) => (Array.isArray(json) ? json : [json]) as JsonEvent[]);

describe.each<{ adapter: string; create: () => Promise<{ sink: EffectSink }> }>([
  { adapter: 'in memory', create: async () => ({ sink: memorySink() }) },
  { adapter: 'on AWS', create: onAws },
])('an effect sink $adapter', ({ create }) => {
  test('accepts effects of every kind, and answers for each in order', async () => {
    const { sink } = await create();
    const effects: Effect[] = [
      publication('a'),
      { kind: 'alert', queue: 'alerts', reason: 'velocity', data: {} },
      { kind: 'row', table: 'view', key: 'r', write: { when: 'once' }, attributes: { n: 1 } },
    ];
    const results = await sink.send(
      effects.map((effect, n) => addressed(`e${n}`, effect)),
      signal,
    );
    expect(results).toEqual(effects.map(() => ({ kind: 'accepted' })));
  });

  test('takes more effects than one request does', async () => {
    const { sink } = await create();
    const results = await sink.send(
      Array.from({ length: 1_200 }, (_, n) => addressed(`e${n}`, publication(`s${n}`), `k${n}`)),
      signal,
    );
    expect(results).toHaveLength(1_200);
    expect(new Set(results.map((result) => (result instanceof TransientError ? 'failed' : result.kind)))).toEqual(
      new Set(['accepted']),
    );
  });

  test('has nothing to do without effects', async () => {
    expect(await (await create()).sink.send([], signal)).toEqual([]);
  });
});

describe('publish effects on Kinesis', () => {
  test('arrive as CloudEvents that name sender, version and cause, under the receiver as partition key', async () => {
    const { sink, stream } = await onAws();
    await sink.send([addressed('e1', publication('user/ä 1', { n: 1 }), 'sender 1')], signal);
    const [only] = await aws.records(stream);
    expect(only?.partitionKey).toBe('user/ä 1');
    expect(only?.json).toEqual({
      specversion: '1.0',
      id: 'e1',
      source: 'urn:millrace:counter:sender%201:epoch-1',
      type: 'test.counted',
      time: '2026-01-01T00:00:00Z',
      subject: 'user/ä 1',
      dataschema: 'urn:millrace:test.counted:1',
      datacontenttype: 'application/json',
      partitionkey: 'user/ä 1',
      sequence: '7',
      causationid: 'cause',
      traceparent: TRACED,
      data: { n: 1 },
    });
    expect(envelopeSchema.safeParse(only?.json).success).toBe(true);
  });

  test('of one row to one receiver travel in one record, in order', async () => {
    const { sink, stream } = await onAws();
    await sink.send(
      [1, 2, 3].map((n) => addressed(`e${n}`, publication('receiver', { n }))),
      signal,
    );
    const records = await aws.records(stream);
    expect(records).toHaveLength(1);
    expect((await eventsOf(stream)).map(({ data }) => data.n)).toEqual([1, 2, 3]);
  });

  test('of one row that no record holds together follow one another, in order', async () => {
    const { sink, stream } = await onAws();
    const pad = 'x'.repeat(300_000);
    const results = await sink.send(
      Array.from({ length: 9 }, (_, n) => addressed(`e${n}`, publication('receiver', { n, pad }))),
      signal,
    );
    expect(results.every((result) => !(result instanceof TransientError))).toBe(true);
    expect((await aws.records(stream)).length).toBeGreaterThanOrEqual(3);
    expect((await eventsOf(stream)).map(({ data }) => data.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('larger than a record are refused for good, and only they', async () => {
    const { sink, stream } = await onAws();
    const results = await sink.send(
      [addressed('big', publication('a', { pad: 'x'.repeat(1_100_000) })), addressed('small', publication('b'))],
      signal,
    );
    expect(results).toEqual([{ kind: 'refused', message: expect.stringContaining('1 MiB') }, { kind: 'accepted' }]);
    expect((await eventsOf(stream)).map(({ id }) => id)).toEqual(['small']);
  });

  test('are to be tried again when the stream throttles, is cut, or loses its answer', async () => {
    const { sink } = await onAws();
    for (const fault of ['throttle', 'drop', 'lose-answer'] as const) {
      aws.emulators.setFaultHook(({ operation }) => (operation === 'PutRecords' ? fault : 'pass'));
      const [result] = await sink.send([addressed('e1', publication('a'))], signal);
      expect(result).toBeInstanceOf(TransientError);
    }
  });
});

describe('publish effects under a partial failure', () => {
  test('hold back what follows to the same receiver, and no others', async () => {
    const calls: string[][] = [];
    const kinesis = {
      send: async ({ input }: { input: { Records: { PartitionKey: string }[] } }) => {
        const keys = input.Records.map(({ PartitionKey }) => PartitionKey);
        calls.push(keys);
        return {
          Records: keys.map((key) =>
            key === 'slow'
              ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' }
              : { SequenceNumber: '1' },
          ),
        };
      },
    };
    const clients = { ...aws, putRecordsTo: () => kinesisRecords(kinesis as unknown as RecordsClient, 'out') };
    const sink = awsEffectSink(clients, { stream: () => 'out', queueUrl: () => '', table: () => '' }, 10);
    const pad = 'x'.repeat(700_000);
    const effects = ['slow', 'fine', 'slow', 'fine'].map((subject, n) =>
      addressed(`e${n}`, publication(subject, { pad }), subject),
    );
    const results = await sink.send(effects, signal);
    expect(results.map((result) => (result instanceof TransientError ? result.code : result.kind))).toEqual([
      'sink.throttled',
      'accepted',
      'sink.throttled',
      'accepted',
    ]);
    expect(calls).toEqual([['slow', 'fine'], ['fine']]);
  });
});

describe('alerts on SQS', () => {
  test('say what happened to which key and why', async () => {
    const { sink, queueUrl } = await onAws();
    const alerts = Array.from({ length: 23 }, (_, n) =>
      addressed(`e${n}`, { kind: 'alert', queue: 'alerts', reason: 'velocity', data: { n } }),
    );
    await sink.send(alerts, signal);
    const messages = await aws.messages(queueUrl);
    expect(messages).toHaveLength(23);
    expect(messages).toContainEqual({
      id: 'e7',
      processor: 'counter',
      key: 'sender',
      reason: 'velocity',
      causedBy: alerts[0]?.cause,
      traceparent: TRACED,
      data: { n: 7 },
    });
  });

  test('larger than a message are refused for good', async () => {
    const { sink } = await onAws();
    const [result] = await sink.send(
      [addressed('e', { kind: 'alert', queue: 'alerts', reason: 'r', data: { pad: 'x'.repeat(300_000) } })],
      signal,
    );
    expect(result).toMatchObject({ kind: 'refused' });
  });
});

describe('row effects on DynamoDB', () => {
  const read = async (TableName: string): Promise<Record<string, unknown> | undefined> =>
    (await aws.documents.send(new GetCommand({ TableName, Key: { id: 'r' } }))).Item;
  const journal = (n: number): Effect => ({
    kind: 'row',
    table: 'journal',
    key: 'r',
    write: { when: 'once' },
    attributes: { n },
  });
  const view = (version: number): Effect => ({
    kind: 'row',
    table: 'view',
    key: 'r',
    write: { when: 'newer', version },
    attributes: { n: version },
  });

  test('of a journal are written once: the first outcome stays', async () => {
    const { sink, table } = await onAws();
    await sink.send([addressed('a', journal(1))], signal);
    expect(await sink.send([addressed('b', journal(2))], signal)).toEqual([{ kind: 'accepted' }]);
    expect(await read(table)).toEqual({ id: 'r', n: 1, _trace: TRACED, _cause: 'cause' });
  });

  test('of a view never go back: an older version that comes late changes nothing', async () => {
    const { sink, table } = await onAws();
    for (const version of [3, 5, 4])
      expect(await sink.send([addressed(`v${version}`, view(version))], signal)).toEqual([{ kind: 'accepted' }]);
    expect(await read(table)).toEqual({ id: 'r', n: 5, version: 5, _trace: TRACED, _cause: 'cause' });
  });

  test('carry the trace and the cause that an event published under the same id would, in every retry', async () => {
    const { sink, stream, table } = await onAws();
    const row = addressed('same', view(1));
    await sink.send([row, addressed('same', publication('a'))], signal);
    const first = await read(table);
    const [published] = await aws.records(stream);
    expect(published?.json).toMatchObject({ traceparent: first?._trace, causationid: first?._cause });
    const { table: other, sink: again } = await onAws();
    await again.send([row], signal);
    expect(await read(other)).toEqual(first);
    await again.send([addressed('another', view(2))], signal);
    expect((await read(other))?._trace).not.toBe(first?._trace);
  });

  test('larger than an item are refused for good, and only they', async () => {
    const { sink, table } = await onAws();
    const big: Effect = { ...view(2), attributes: { pad: 'x'.repeat(400 * 1024 - 50) } } as Effect;
    const results = await sink.send([addressed('a', view(1)), addressed('big', big), addressed('b', view(3))], signal);
    expect(results).toEqual([
      { kind: 'accepted' },
      { kind: 'refused', message: 'The row is larger than an item of 409600 bytes' },
      { kind: 'accepted' },
    ]);
    expect(await read(table)).toMatchObject({ n: 3, version: 3 });
  });

  test('are to be tried again when the table throttles, and what follows to the same row waits', async () => {
    const { sink, table } = await onAws();
    aws.emulators.setFaultHook(({ operation }) => (operation === 'PutItem' ? 'throttle' : 'pass'));
    const results = await sink.send([addressed('a', view(1)), addressed('b', view(2))], signal);
    expect(results.map((result) => (result instanceof TransientError ? result.code : result.kind))).toEqual([
      'sink.throttled',
      'sink.throttled',
    ]);
    aws.emulators.setFaultHook();
    expect(await read(table)).toBeUndefined();
  });
});
