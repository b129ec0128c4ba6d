import { gzipSync } from 'node:zlib';
import type { Formats } from '../../../lambdas/runtime/decode/formats.ts';
import { registryFormats } from '../../../lambdas/runtime/formats/registry-formats.ts';
import type { SchemaSource } from '../../../lambdas/runtime/formats/schema-source.ts';
import { TransientError } from '../../../lambdas/runtime/ports.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { itemAdded, pageViewed } from '../../../lambdas/systems/profiles/events.ts';
import { noFormats } from '../../../local/cli/tail/formats.ts';
import { itemDecoder, newestData, type TailedEvent, type TailItem } from '../../../local/cli/tail/items.ts';
import { jsonLines, textLines } from '../../../local/cli/tail/lines.ts';
import { newMask } from '../../../local/cli/tail/mask.ts';
import { eventOf, NOON_MS, olderEventOf, SUBJECT } from '../../support/events.ts';
import { aggregateOf } from '../../support/kpl.ts';
import { memorySchemas } from '../../support/memory/schemas.ts';
import { avroBytes, framed } from '../formats/support.ts';

const shop = { name: 'shop', kplProducers: true };

const itemsOf = (
  data: Uint8Array | object,
  formats: Formats = noFormats,
  stream: Parameters<typeof itemDecoder>[0] = shop,
): Promise<readonly TailItem[]> =>
  itemDecoder(
    stream,
    catalogue,
    formats,
  )(
    {
      shardId: 'shardId-000000000003',
      record: {
        sequenceNumber: '77',
        partitionKey: SUBJECT,
        arrivalMs: NOON_MS,
        data: data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data)),
      },
    },
    new AbortController().signal,
  );

const viewed = (id: string) => eventOf(pageViewed, { productId: 'mug' }, { id });
const shown = (items: readonly TailItem[]) =>
  items.map((item) => (item.kind === 'event' ? item.event.id : item.cause.code));

test('an event comes with its position, and with nothing that its schema does not know', async () => {
  const [item] = await itemsOf({ ...viewed('a'), data: { productId: 'mug', unknown: 1 } });
  expect(item).toMatchObject({
    kind: 'event',
    event: { id: 'a', data: { productId: 'mug' } },
    version: 1,
    position: { stream: 'shop', shard: 'shardId-000000000003', sequence: '77', index: 0 },
    partitionKey: SUBJECT,
    arrivalMs: NOON_MS,
  });
  expect((item as TailedEvent).event.data).not.toHaveProperty('unknown');
});

test.each<[string, () => Uint8Array | object, string[]]>([
  ['a batch', () => [viewed('a'), viewed('b')], ['a', 'b']],
  ['gzip', () => gzipSync(JSON.stringify([viewed('a'), viewed('b')])), ['a', 'b']],
  [
    'a KPL aggregate',
    () =>
      aggregateOf(
        [viewed('a'), viewed('b')].map((event) => ({
          partitionKey: SUBJECT,
          data: Buffer.from(JSON.stringify(event)),
        })),
      ),
    ['a', 'b'],
  ],
  ['an event for one processor', () => ({ ...viewed('a'), millraceto: 'profiles' }), ['a']],
  ['an event that some processors ignore', () => eventOf(pageViewed, {}, { id: 'a' }), ['a']],
  ['no JSON', () => Buffer.from('hello'), ['record.not-json']],
  ['data that break their schema', () => ({ ...viewed('a'), data: { productId: 7 } }), ['event.invalid-data']],
  [
    'an unknown type between others',
    () => [viewed('a'), { ...viewed('b'), type: 'x' }, viewed('c')],
    ['a', 'event.unknown-type', 'c'],
  ],
  ['another key than its partition key', () => ({ ...viewed('a'), subject: 'somebody' }), ['event.misrouted']],
])('%s', async (_, data, expected) => expect(shown(await itemsOf(data()))).toEqual(expected));

test('data of an older version are seen as of the newest', async () => {
  const [item] = await itemsOf(
    olderEventOf(itemAdded, 1, { productId: 'mug', quantity: 2, price: '8.90', currency: 'EUR' }),
  );
  expect(newestData(item as TailedEvent)).toEqual({
    data: { productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' },
  });
});

describe('Avro under the header of the schema registry', () => {
  const id = '00000000-0000-4000-8000-000000000001';
  const text = (name: string) => ({ name, type: 'string' });
  const schema = {
    type: 'record' as const,
    name: 'Event',
    fields: [
      ...['specversion', 'id', 'source', 'type', 'subject', 'dataschema', 'time'].map(text),
      { name: 'data', type: { type: 'record', name: 'View', fields: [text('productId')] } },
    ],
  };
  const record = framed(id, avroBytes(schema as never, viewed('a')));
  const formatsOf = (source: SchemaSource): Formats =>
    registryFormats(source, { now: () => 0, sleep: async () => undefined, random: () => 0 });
  const known = memorySchemas({ [id]: { format: 'AVRO', text: JSON.stringify(schema) } });

  test('is an event as any other, also inside an aggregate', async () => {
    expect(shown(await itemsOf(record, formatsOf(known)))).toEqual(['a']);
    const aggregate = aggregateOf([{ partitionKey: SUBJECT, data: record }]);
    expect(shown(await itemsOf(aggregate, formatsOf(known)))).toEqual(['a']);
  });

  test('is said to be that where there is no registry, and by which schema version', async () => {
    const [item] = await itemsOf(record);
    expect(item).toMatchObject({ kind: 'rejected', cause: { code: 'record.unknown-schema', details: { schema: id } } });
    expect(textLines({ mask: newMask(), summaries: new Map(), colours: false })(item as TailItem)).toMatch(
      /record\.unknown-schema +rejected: Avro or Protobuf .* the local cloud does not have \(schema version 00000000-0000-4000-8000-000000000001\), at shardId-000000000003 77$/,
    );
  });

  test('is passed over, and said to be, while the registry does not answer', async () => {
    const load = () => Promise.reject(new TransientError('registry.throttled', 'Rate exceeded'));
    const items = await itemsOf(record, formatsOf({ load }));
    expect(items).toMatchObject([
      { kind: 'unread', cause: { code: 'registry.throttled', message: 'Rate exceeded' }, partitionKey: SUBJECT },
    ]);
    const line = jsonLines({ mask: newMask() })(items[0] as TailItem);
    expect(JSON.parse(line)).toMatchObject({ unread: { code: 'registry.throttled' }, position: { sequence: '77' } });
    expect(textLines({ mask: newMask(), summaries: new Map(), colours: false })(items[0] as TailItem)).toContain(
      'not shown: Rate exceeded, at shardId-000000000003 77',
    );
  });
});

test('records of another shape come through the adapter of the stream', async () => {
  const adapter = {
    kind: 'json',
    source: 'urn:web',
    type: 'page.viewed:1',
    subject: 'user',
    time: 'arrival',
    id: { from: 'path', path: 'hit' },
    data: 'page',
  } as const;
  const hit = { user: SUBJECT, hit: 'h-1', page: { path: '/mugs' } };
  expect(shown(await itemsOf(hit))).toEqual(['event.invalid-envelope']);
  expect(await itemsOf(hit, noFormats, { ...shop, adapter })).toMatchObject([
    { kind: 'event', event: { type: 'page.viewed', data: { path: '/mugs' } } },
  ]);
});
