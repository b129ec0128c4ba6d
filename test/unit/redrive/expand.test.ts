import { gzipSync } from 'node:zlib';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { jsonAdapter } from '../../../lambdas/runtime/adapters/json.ts';
import type { RawRecord } from '../../../lambdas/runtime/decode/record.ts';
import type { Reading } from '../../../local/cli/redrive/events.ts';
import { type Item, itemsOfDiscard, itemsOfLetter } from '../../../local/cli/redrive/expand.ts';
import type { Discard, Letter } from '../../../local/cli/redrive/message.ts';
import { ARRIVAL, eventJson, happened, other, rawRecord, record, testCatalogue } from '../../support/counter.ts';
import { aggregateOf } from '../../support/kpl.ts';

const NOW = ARRIVAL + 3_600_000;
const reading: Reading = {
  processor: 'counter',
  stream: 'in',
  catalogue: testCatalogue,
  handled: new Set([happened.type]),
  kplProducers: false,
  futureToleranceMs: 300_000,
  replayMode: false,
};
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const letter = (changes: Partial<Letter> = {}): Letter => ({
  id: 'letter-1',
  processor: 'counter',
  code: 'event.reducer-threw',
  message: 'it threw',
  stream: 'in',
  shard: 'shardId-000000000003',
  sequence: '42',
  index: 2,
  arrival: new Date(ARRIVAL).toISOString(),
  partitionKey: 'k',
  ...changes,
});
const opened = (payload: Uint8Array | undefined, changes: Partial<Letter> = {}, edit?: CloudEvent): readonly Item[] =>
  itemsOfLetter(letter(changes), payload, reading, NOW, edit);
const obstacleOf = (item: Item | undefined): string | undefined =>
  item?.kind === 'obstacle' ? item.obstacle.code : undefined;
const candidateOf = (item: Item | undefined) => {
  if (item?.kind !== 'candidate') throw new Error(`No candidate: ${JSON.stringify(item)}`);
  return item.candidate;
};

describe('the event of a dead letter', () => {
  test('goes back as it came, for its processor alone, and is judged by its record', () => {
    const event = eventJson({ id: 'e1', extensions: { traceparent: 'kept', anything: 'else' } });
    const [item, ...more] = opened(json(event));
    expect(more).toEqual([]);
    expect(candidateOf(item)).toMatchObject({
      event: { ...event, millraceto: 'counter' },
      key: 'k',
      partitionKey: 'k',
      copy: { fate: 'rejected', sequence: '42', arrivalMs: ARRIVAL },
    });
    expect(item?.position).toEqual({ stream: 'in', shard: 'shardId-000000000003', sequence: '42', index: 2 });
  });

  test('that was misrouted goes to its subject', () => {
    const event = eventJson({ key: 'right', extensions: { partitionkey: 'wrong' } });
    const candidate = candidateOf(opened(json(event), { code: 'event.misrouted', partitionKey: 'wrong' })[0]);
    expect(candidate).toMatchObject({ key: 'right', partitionKey: 'right', event: { partitionkey: 'right' } });
  });

  test('is read out of gzip', () => {
    expect(candidateOf(opened(gzipSync(json(eventJson({ id: 'zipped' }))))[0]).event.id).toBe('zipped');
  });

  test('has one mark, whatever record it is in', () => {
    const marks = [{}, { sequence: '77' }].map(
      (at) => candidateOf(opened(json(eventJson({ id: 'e1' })), at)[0]).markId,
    );
    expect(new Set(marks).size).toBe(1);
    expect(candidateOf(opened(json(eventJson({ id: 'e2' })))[0]).markId).not.toBe(marks[0]);
  });

  test('of a record that made the function die may have been applied', () => {
    const both = [eventJson({ id: 'a' }), eventJson({ id: 'b' })];
    const items = opened(json(both), { code: 'record.crashes', index: 0 });
    expect(items.map((item) => [candidateOf(item).copy.fate, item.position?.index])).toEqual([
      ['discarded', 0],
      ['discarded', 1],
    ]);
  });

  test.each<[string, Uint8Array | undefined, Partial<Letter>, string]>([
    ['holds no JSON', Buffer.from('{"half'), { code: 'record.not-json' }, 'malformed'],
    ['has no envelope', json({ specversion: '1.0' }), { code: 'event.invalid-envelope' }, 'malformed'],
    [
      'breaks its schema still',
      json(eventJson({ data: { throws: 7 } })),
      { code: 'event.invalid-data' },
      'rejected-again',
    ],
    [
      'lies in the future still',
      json(eventJson({ arrivalMs: NOW + 600_000 })),
      { code: 'event.from-future' },
      'rejected-again',
    ],
    ['is of a type that nobody handles', json(eventJson({ type: other.type })), {}, 'not-handled'],
    [
      'is too large once it is addressed',
      json(eventJson({ extensions: { pad: 'x'.repeat(1_048_400) } })),
      {},
      'too-large',
    ],
    ['is not in S3 any more', undefined, {}, 'payload-missing'],
    ['is an effect', json({ kind: 'alert' }), { code: 'effect.refused' }, 'effect'],
    ['has no place', json(eventJson()), { sequence: undefined }, 'no-position'],
  ])('stays where it is if it %s', (_, payload, changes, code) => {
    expect(opened(payload, changes).map(obstacleOf)).toEqual([code]);
  });
});

describe('an edit', () => {
  const edit = eventJson({ id: 'e1' }) as CloudEvent;
  test('takes the place of the event', () => {
    const broken = json(eventJson({ id: 'e1', data: { throws: 7 } }));
    expect(candidateOf(opened(broken, {}, edit)[0]).event.data).toEqual({});
    expect(candidateOf(opened(Buffer.from('{"half'), {}, edit)[0]).event.id).toBe('e1');
  });
  test.each<[string, unknown]>([
    ['another id', eventJson({ id: 'e2' })],
    ['another subject', eventJson({ id: 'e1', key: 'k2' })],
    ['several events', [eventJson({ id: 'e1' }), eventJson({ id: 'e2' })]],
  ])('does not take the place of %s', (_, original) => {
    expect(opened(json(original), {}, edit).map(obstacleOf)).toEqual(['edit-mismatch']);
  });
});

describe('a discarded batch', () => {
  const discard: Discard = {
    condition: 'RetryAttemptsExhausted',
    shard: 'shardId-000000000000',
    start: '1',
    end: '9',
    batchSize: 3,
    arrival: new Date(ARRIVAL).toISOString(),
    spanMs: 0,
  };
  const itemsOf = (records: readonly RawRecord[], isWhole = true): readonly Item[] =>
    itemsOfDiscard(discard, { records, isWhole }, reading, NOW);

  test('comes apart into the events that were meant for the processor', () => {
    const batch = rawRecord(json([eventJson({ id: 'a' }), eventJson({ id: 'b' })]), { sequence: 2 });
    const items = itemsOf([
      record({ id: 'c', sequence: 1 }),
      batch,
      record({ id: 'd', sequence: 3, extensions: { millraceto: 'another' } }),
    ]);
    expect(items.map(({ kind, position }) => [kind, position?.sequence, position?.index])).toEqual([
      ['candidate', '1', 0],
      ['candidate', '2', 0],
      ['candidate', '2', 1],
      ['ignored', '3', 0],
    ]);
    expect(items.slice(0, 3).map((item) => candidateOf(item).copy.fate)).toEqual(Array(3).fill('discarded'));
  });

  test('is read out of KPL aggregates and gzip, each event at its place in its record', () => {
    const user = (id: string, key = 'k') => ({ partitionKey: key, data: json(eventJson({ id, key })) });
    const aggregate = rawRecord(aggregateOf([user('a'), user('b'), user('elsewhere', 'k2')]), { sequence: 4 });
    const items = itemsOf([aggregate, rawRecord(gzipSync(json([eventJson({ id: 'c' })])), { sequence: 5 })]);
    expect(items.map(({ kind, position }) => [kind, position?.sequence, position?.index])).toEqual([
      ['candidate', '4', 0],
      ['candidate', '4', 1],
      // Its inner key differs from the outer one, which this stream does not take.
      ['letter', '4', 2],
      ['candidate', '5', 0],
    ]);
    expect(items.flatMap((item) => (item.kind === 'candidate' ? [item.eventId] : []))).toEqual(['a', 'b', 'c']);
  });

  test('gives the dead-letter queue what the processor would reject, as the processor would', () => {
    const [item] = itemsOf([rawRecord(Buffer.from('no JSON'), { sequence: 4 })]);
    expect(item).toMatchObject({
      kind: 'letter',
      letter: { processor: 'counter', cause: { code: 'record.not-json' }, partitionKey: 'k', arrivalMs: ARRIVAL },
    });
    expect(item?.kind === 'letter' && String(item.letter.payload)).toBe('no JSON');
  });

  test('says what the stream no longer has, and gives what it has', () => {
    expect(itemsOf([], false).map(obstacleOf)).toEqual(['expired']);
    expect(itemsOf([record({ sequence: 5 })], false).map(({ kind }) => kind)).toEqual(['obstacle', 'candidate']);
  });
});

test('on a stream of bare JSON the event goes back as the CloudEvent that its adapter makes, under the same id and partition key', () => {
  const adapter = jsonAdapter({
    kind: 'json',
    source: 'urn:legacy',
    type: `${happened.type}:1`,
    subject: 'user',
    time: 'arrival',
    id: { from: 'position' },
    data: 'details',
    partitionKey: 'user-{subject}',
  });
  const payload = json({ user: 'k', details: {} });
  const [item] = itemsOfLetter(letter({ partitionKey: 'user-k' }), payload, { ...reading, adapter }, NOW);
  expect(candidateOf(item)).toMatchObject({
    partitionKey: 'user-k',
    key: 'k',
    event: { specversion: '1.0', source: 'urn:legacy', id: 'shardId-000000000003:42:2', millraceto: 'counter' },
  });
});
