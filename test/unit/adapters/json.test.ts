import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { JsonAdapterManifest } from '../../../lambdas/core/adapter.ts';
import { eventOf, NOON_MS, sequenceNumber } from '../../support/events.ts';
import { catalogue, eventIn, outcomeOf, read } from './support.ts';

const manifest: JsonAdapterManifest = {
  kind: 'json',
  source: 'urn:legacy:web',
  type: 'click.made:1',
  subject: 'user.id',
  time: { path: 'at', as: 'rfc3339' },
  id: { from: 'path', path: 'uuid' },
};
const click = { uuid: 'c-1', user: { id: 7 }, at: '2026-11-01T12:00:00+01:00', page: '/' };
const first = { shard: 'shardId-000000000001', sequence: sequenceNumber(1) };
const second = { shard: 'shardId-000000000001', sequence: sequenceNumber(2) };

test('bare JSON becomes a CloudEvent as the manifest maps it', () => {
  expect(eventIn(manifest, click)).toEqual({
    specversion: '1.0',
    id: 'c-1',
    source: 'urn:legacy:web',
    type: 'click.made',
    time: '2026-11-01T12:00:00+01:00',
    subject: '7',
    dataschema: 'urn:millrace:click.made:1',
    data: click,
  });
});

test('a part of the record may be the data', () => {
  expect(eventIn({ ...manifest, data: 'user' }, click).data).toEqual({ id: 7 });
});

test('gzip and batches work as with CloudEvents, and each item has its own position', () => {
  const items = read(manifest, gzipSync(JSON.stringify([click, { ...click, uuid: 'c-2' }])));
  expect(items).toMatchObject([
    { kind: 'event', incoming: { event: { id: 'c-1' }, position: { index: 0 } } },
    { kind: 'event', incoming: { event: { id: 'c-2' }, position: { index: 1 } } },
  ]);
});

describe('the type', () => {
  const byKind: JsonAdapterManifest = {
    ...manifest,
    type: { path: 'kind', names: { click: 'click.made:1', ping: 'ignore' } },
  };

  test('may be told by a member', () => {
    expect(eventIn(byKind, { ...click, kind: 'click' }).type).toBe('click.made');
    expect(outcomeOf(byKind, { ...click, kind: 'ping' })).toBe('ignored');
  });

  test.each([{ kind: 'toString' }, { kind: 'other' }, { kind: {} }, {}])('is nothing to guess: %j', (part) => {
    expect(outcomeOf(byKind, { ...click, ...part })).toContain(
      'event.unadaptable: The manifest names no event type for the value of kind',
    );
  });
});

describe('the time', () => {
  test.each([
    ['epoch-seconds', 1_793_534_400.5, '2026-11-01T12:00:00.500Z'],
    ['epoch-milliseconds', 1_793_534_400_000, '2026-11-01T12:00:00.000Z'],
  ] as const)('may be in %s', (as, at, expected) => {
    expect(eventIn({ ...manifest, time: { path: 'at', as } }, { ...click, at }).time).toBe(expected);
  });

  test('may be that of the arrival, which is the same on every delivery', () => {
    const arrival: JsonAdapterManifest = { ...manifest, time: 'arrival' };
    expect(eventIn(arrival, click, { arrivalMs: NOON_MS + 1 }).time).toBe('2026-11-01T12:00:00.001Z');
  });

  test.each([
    ['epoch-seconds', '1793534400'],
    ['epoch-milliseconds', Number.MAX_SAFE_INTEGER],
    ['rfc3339', 1_793_534_400],
  ] as const)('is rejected if it is not in %s', (as, at) => {
    expect(outcomeOf({ ...manifest, time: { path: 'at', as } }, { ...click, at })).toContain('at is no time');
  });

  test('is judged with the envelope', () => {
    expect(outcomeOf(manifest, { ...click, at: 'yesterday' })).toContain('event.invalid-envelope');
    expect(outcomeOf(manifest, { ...click, at: '2027-11-01T12:00:00Z' })).toContain('event.from-future');
  });
});

describe('the subject', () => {
  test('is what the partition key must be', () => {
    expect(outcomeOf(manifest, click, { partitionKey: '8' })).toContain('event.misrouted');
  });

  test.each([[null], [{}], [true], [1.5], [[7]]])('is no %j', (id) => {
    expect(outcomeOf(manifest, { ...click, user: { id } })).toContain(
      'user.id, which names the subject, is no text and no integer',
    );
  });

  const templated: JsonAdapterManifest = { ...manifest, partitionKey: 'web/{subject}/1' };

  test('may be a part of the partition key', () => {
    expect(eventIn(templated, click, { partitionKey: 'web/7/1' }).subject).toBe('7');
  });

  test.each(['7', 'web/7', 'web//1', 'web/8/1', 'app/7/1'])(
    'is misrouted under the partition key %s',
    (partitionKey) => {
      expect(outcomeOf(templated, click, { partitionKey })).toContain('event.misrouted');
    },
  );
});

describe('the id', () => {
  const withId = (id: JsonAdapterManifest['id']): JsonAdapterManifest => ({ ...manifest, id });

  test.each([{ from: 'path', path: 'uuid' }, { from: 'content' }, { from: 'position' }] as const)(
    'is the same when the record is delivered again: %j',
    (rule) => {
      expect(eventIn(withId(rule), click, first)).toEqual(eventIn(withId(rule), click, first));
    },
  );

  test.each([
    [{ from: 'path', path: 'uuid' }, true],
    [{ from: 'content' }, true],
    [{ from: 'position' }, false],
  ] as const)('recognises a producer that sends again, under another sequence number: %j, %s', (rule, recognised) => {
    const ids = [first, second].map((place) => eventIn(withId(rule), click, place).id);
    expect(ids[0] === ids[1]).toBe(recognised);
  });

  test('of the content tells events apart that differ in anything, and in their key', () => {
    const content = withId({ from: 'content' });
    expect(eventIn(content, { ...click, page: '/a' }).id).not.toBe(eventIn(content, click).id);
    const other = { ...click, user: { id: 8 } };
    expect(eventIn(content, other, { partitionKey: '8' }).id).not.toBe(eventIn(content, click).id);
  });

  test('of the position tells items of one record apart', () => {
    const ids = read(withId({ from: 'position' }), [click, click]).map(
      (item) => item.kind === 'event' && item.incoming.event.id,
    );
    expect(new Set(ids).size).toBe(2);
  });

  test('is rejected if its member is not there', () => {
    expect(outcomeOf(manifest, { ...click, uuid: undefined })).toContain(
      'event.unadaptable: The member that the id is taken from',
    );
  });
});

test('a CloudEvent passes as it is, under the partition key that the stream has for its subject', () => {
  const definition = catalogue.get('click.made');
  if (definition === undefined) throw new Error('The catalogue has no click.made');
  const event = eventOf(definition, {}, { subject: '7' });
  expect(eventIn(manifest, event).id).toBe(event.id);
  expect(outcomeOf({ ...manifest, partitionKey: 'web/{subject}' }, event)).toContain('event.misrouted');
});

test.each([
  ['no bytes', new Uint8Array(), 'event.unadaptable: The record is no JSON object'],
  ['a number', 5, 'event.unadaptable: The record is no JSON object'],
  ['no JSON', Buffer.from('{'), 'record.not-json'],
])('%s is rejected', (_, payload, expected) => {
  expect(outcomeOf(manifest, payload)).toContain(expected);
});

test('whatever the JSON, the outcome is an event or a rejection, the same each time', () => {
  const paths = fc.constantFrom('a', 'a.b', 'b');
  const manifests = fc.record({
    kind: fc.constant('json' as const),
    source: fc.constant('urn:test'),
    type: fc.constant('click.made:1' as const),
    subject: paths,
    time: fc.oneof(
      fc.constant('arrival' as const),
      fc.record({
        path: paths,
        as: fc.constantFrom('rfc3339' as const, 'epoch-seconds' as const, 'epoch-milliseconds' as const),
      }),
    ),
    id: fc.oneof(
      fc.record({ from: fc.constant('path' as const), path: paths }),
      fc.constant({ from: 'content' as const }),
    ),
  });
  fc.assert(
    fc.property(manifests, fc.json({ maxDepth: 4 }), (any, json) => {
      const outcomes = [1, 2].map(() =>
        JSON.stringify(read(any, Buffer.from(json)), (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
      );
      expect(outcomes[0]).toBe(outcomes[1]);
    }),
    { numRuns: 300 },
  );
});
