import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { envelopeSchema, versionOf } from '../../../lambdas/core/event.ts';
import { catalogue } from '../../../lambdas/systems/catalogue.ts';
import type { ShopEvent } from '../../../lambdas/systems/profiles/events.ts';
import { hundredthsOf } from '../../../local/demo/hundredths.ts';
import { shopEvents } from '../../../local/demo/shop-events.ts';
import { readShopRows, ShopDataError } from '../../../local/demo/shop-rows.ts';
import { collect } from './collect.ts';

const HEADING = 'event_time,event_type,product_id,price,user_id,user_session';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-shop-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** `0:07 cart p1 2.62 u1 s1`: minute and second, action, product, price, user, session. */
async function eventsOf(...rows: string[]): Promise<ShopEvent[]> {
  const file = join(directory, 'events.csv');
  const lines = rows.map((row) => {
    const [time = '', ...rest] = row.split(' ');
    return [`2022-10-01 00:0${time} UTC`, ...rest].join(',');
  });
  writeFileSync(file, `${[HEADING, ...lines].join('\n')}\n`);
  return collect(shopEvents(readShopRows(file)));
}

describe('a row of the shop becomes an event', () => {
  test('that says who, what, when and under which schema', async () => {
    expect(await eventsOf('0:07 view p1 2.62 u1 s1')).toEqual([
      {
        specversion: '1.0',
        id: 'shop-000001',
        source: 'urn:millrace:demo:shop',
        type: 'page.viewed',
        time: '2022-10-01T00:00:07Z',
        subject: 'u1',
        dataschema: 'urn:millrace:page.viewed:1',
        datacontenttype: 'application/json',
        data: { productId: 'p1', sessionId: 's1' },
      },
    ]);
  });

  test('cart is one unit added, at its price in minor units, by the newest schema', async () => {
    const [event] = await eventsOf('0:07 cart p1 2.62 u1 s1');
    expect(event).toMatchObject({
      type: 'cart.item-added',
      dataschema: 'urn:millrace:cart.item-added:2',
      data: { productId: 'p1', quantity: 1, unitPrice: 262, currency: 'USD', sessionId: 's1' },
    });
  });

  test('remove_from_cart is one unit removed, not all of them', async () => {
    const [event] = await eventsOf('0:07 remove_from_cart p1 2.62 u1 s1');
    expect(event).toMatchObject({ type: 'cart.item-removed', data: { productId: 'p1', quantity: 1 } });
  });

  test('rows that repeat exactly are further units, each with an id of its own', async () => {
    const events = await eventsOf('0:07 cart p1 2.62 u1 s1', '0:07 cart p1 2.62 u1 s1');
    expect(events.map(({ id }) => id)).toEqual(['shop-000001', 'shop-000002']);
  });
});

describe('purchases', () => {
  test('of one user, session and second are one order: products several times are a quantity', async () => {
    const events = await eventsOf(
      '0:07 purchase p1 2.62 u1 s1',
      '0:07 purchase p2 0.99 u1 s1',
      '0:07 purchase p1 2.62 u1 s1',
    );
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      id: 'shop-000001',
      type: 'order.purchased',
      data: {
        orderId: 'order-000001',
        currency: 'USD',
        total: 623,
        lines: [
          { productId: 'p1', quantity: 2, unitPrice: 262 },
          { productId: 'p2', quantity: 1, unitPrice: 99 },
        ],
      },
    });
  });

  test('of one product at two prices are two lines', async () => {
    const [event] = await eventsOf('0:07 purchase p1 2.00 u1 s1', '0:07 purchase p1 1.00 u1 s1');
    expect(event?.data).toMatchObject({
      total: 300,
      lines: [
        { productId: 'p1', quantity: 1, unitPrice: 200 },
        { productId: 'p1', quantity: 1, unitPrice: 100 },
      ],
    });
  });

  test.each([
    ['another second', '0:08 purchase p2 1.00 u1 s1'],
    ['another session', '0:07 purchase p2 1.00 u1 s2'],
    ['another user', '0:07 purchase p2 1.00 u2 s1'],
  ])('of %s are another order', async (_, second) => {
    const events = await eventsOf('0:07 purchase p1 1.00 u1 s1', second);
    expect(events.map(({ type, id }) => `${type} ${id}`)).toEqual([
      'order.purchased shop-000001',
      'order.purchased shop-000002',
    ]);
  });

  test('stay one order across a row of somebody else', async () => {
    const events = await eventsOf(
      '0:07 purchase p1 1.00 u1 s1',
      '0:07 view p9 1.00 u2 s2',
      '0:07 purchase p2 1.00 u1 s1',
    );
    expect(events.filter(({ type }) => type === 'order.purchased')).toMatchObject([{ data: { total: 200 } }]);
  });

  test('are two orders if the user did something in between, and all keep their order', async () => {
    const events = await eventsOf(
      '0:07 purchase p1 1.00 u1 s1',
      '0:07 cart p1 1.00 u1 s1',
      '0:07 purchase p1 1.00 u1 s1',
    );
    expect(events.map(({ type }) => type)).toEqual(['order.purchased', 'cart.item-added', 'order.purchased']);
  });
});

describe('the bundled log', () => {
  let events: ShopEvent[];
  beforeAll(async () => {
    events = await collect(shopEvents(readShopRows()));
  });

  test('is 2,320 views, 1,300 and 1,051 cart changes and 26 orders with distinct ids', () => {
    const counts = new Map<string, number>();
    for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      'page.viewed': 2_320,
      'cart.item-added': 1_300,
      'cart.item-removed': 1_051,
      'order.purchased': 26,
    });
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  test('satisfies the envelope and the schema that each event names', () => {
    for (const event of events) {
      expect(() => envelopeSchema.parse(event)).not.toThrow();
      const version = versionOf(event.dataschema, event.type) ?? 0;
      const schema = catalogue.get(event.type)?.versions[version - 1]?.schema;
      expect(schema?.parse(event.data)).toEqual(event.data);
    }
  });

  test("keeps each user's events in the order of the file", () => {
    const last = new Map<string, string>();
    for (const { subject, id } of events) {
      expect(id > (last.get(subject) ?? '')).toBe(true);
      last.set(subject, id);
    }
  });
});

describe('a file that is not as promised', () => {
  test.each([
    ['an unknown action', '0:07 refund p1 1.00 u1 s1', /row 1: event_type: /],
    ['a price that is no decimal', '0:07 view p1 1e3 u1 s1', /row 1: price: must be a decimal/],
    ['a row that lacks a column', '0:07 view p1 1.00', /after row 0: .*line 2/],
  ])('is refused by place for %s', async (_, row, message) => {
    const reading = eventsOf(row);
    await expect(reading).rejects.toThrow(ShopDataError);
    await expect(reading).rejects.toThrow(message);
  });

  test('does not exist', async () => {
    await expect(collect(readShopRows(join(directory, 'none.csv')))).rejects.toThrow(/ENOENT/);
  });
});

describe('a price in hundredths', () => {
  test('is exact for every price up to a million', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), (hundredths) => {
        const text = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
        expect(hundredthsOf(text)).toBe(hundredths);
      }),
    );
  });

  test.each([
    ['5', 500],
    ['2.6', 260],
    ['0.0', 0],
  ])('%s is %d', (text, hundredths) => expect(hundredthsOf(text)).toBe(hundredths));

  test.each(['', '1.234', '-1', '1e3', '1,50', ' 1'])('refuses %j', (text) => {
    expect(() => hundredthsOf(text)).toThrow(RangeError);
  });
});
