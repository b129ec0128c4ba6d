import { gzipSync } from 'node:zlib';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import { itemAdded, pageViewed } from '../../../lambdas/systems/profiles/events.ts';
import { itemDecoder, newestData, type TailedEvent, type TailItem } from '../../../local/cli/tail/items.ts';
import { eventOf, NOON_MS, olderEventOf, SUBJECT } from '../../support/events.ts';
import { aggregateOf } from '../../support/kpl.ts';

const decode = itemDecoder({ name: 'shop', kplProducers: true }, catalogue);

const itemsOf = (data: Uint8Array | object): readonly TailItem[] =>
  decode({
    shardId: 'shardId-000000000003',
    record: {
      sequenceNumber: '77',
      partitionKey: SUBJECT,
      arrivalMs: NOON_MS,
      data: data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data)),
    },
  });

const viewed = (id: string) => eventOf(pageViewed, { productId: 'mug' }, { id });
const shown = (items: readonly TailItem[]) =>
  items.map((item) => (item.kind === 'event' ? item.event.id : item.cause.code));

test('an event comes with its position, and with nothing that its schema does not know', () => {
  const [item] = itemsOf({ ...viewed('a'), data: { productId: 'mug', unknown: 1 } });
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
])('%s', (_, data, expected) => expect(shown(itemsOf(data()))).toEqual(expected));

test('data of an older version are seen as of the newest', () => {
  const [item] = itemsOf(olderEventOf(itemAdded, 1, { productId: 'mug', quantity: 2, price: '8.90', currency: 'EUR' }));
  expect(newestData(item as TailedEvent)).toEqual({
    data: { productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' },
  });
});
