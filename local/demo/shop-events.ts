import { type EventDefinition, type EventOf, newestVersion } from '../../lambdas/core/catalogue.ts';
import { dataSchemaOf } from '../../lambdas/core/event.ts';
import {
  itemAdded,
  itemRemoved,
  orderPurchased,
  pageViewed,
  type ShopEvent,
} from '../../lambdas/systems/profiles/events.ts';
import type { ShopRow } from './shop-rows.ts';

/** The `source` of events made from the shop's log. */
export const SHOP_SOURCE = 'urn:millrace:demo:shop';
/** The source of the data names no currency; see data/shop/README.md. */
export const SHOP_CURRENCY = 'USD';

type Purchase = readonly [ShopRow, ...ShopRow[]];

/**
 * Turns the shop's log, which must be in time order, into events. Every row is one event, but the purchase rows of one user, session and
 * second, with nothing else of that user between them, are one order. An event's id is made of its (first) row's number, so that the
 * same file gives the same events. A user's events keep the order of the file; rows that repeat exactly are further units.
 */
export async function* shopEvents(rows: AsyncIterable<ShopRow>): AsyncGenerator<ShopEvent> {
  /** Purchases that may go on, by user: rows of other users of the same second may stand between them. */
  const open = new Map<string, Purchase>();
  let second: string | undefined;
  for await (const row of rows) {
    if (row.time !== second) {
      yield* closeAll(open);
      second = row.time;
    }
    const purchase = open.get(row.userId);
    if (row.action === 'purchase' && purchase?.[0].sessionId === row.sessionId) {
      open.set(row.userId, [...purchase, row]);
      continue;
    }
    if (purchase !== undefined) yield ordered(purchase);
    open.delete(row.userId);
    if (row.action === 'purchase') open.set(row.userId, [row]);
    else yield eventOf(row, row.action);
  }
  yield* closeAll(open);
}

function* closeAll(open: Map<string, Purchase>): Generator<ShopEvent> {
  for (const purchase of open.values()) yield ordered(purchase);
  open.clear();
}

function eventOf(row: ShopRow, action: Exclude<ShopRow['action'], 'purchase'>): ShopEvent {
  const { productId, sessionId, price } = row;
  switch (action) {
    case 'view':
      return event(pageViewed, row, { productId, sessionId });
    case 'cart':
      return event(itemAdded, row, { productId, quantity: 1, unitPrice: price, currency: SHOP_CURRENCY, sessionId });
    case 'remove_from_cart':
      return event(itemRemoved, row, { productId, quantity: 1, sessionId });
  }
}

function ordered(purchase: Purchase): ShopEvent {
  const [first] = purchase;
  const lines = new Map<string, { productId: string; quantity: number; unitPrice: number }>();
  for (const { productId, price } of purchase) {
    const line = JSON.stringify([productId, price]);
    lines.set(line, { productId, quantity: (lines.get(line)?.quantity ?? 0) + 1, unitPrice: price });
  }
  return event(orderPurchased, first, {
    orderId: `order-${numbered(first)}`,
    currency: SHOP_CURRENCY,
    total: purchase.reduce((sum, { price }) => sum + price, 0),
    lines: [...lines.values()],
    sessionId: first.sessionId,
  });
}

/** An event of the newest version of its type: `Data` is that version's. */
function event<Type extends string, Data>(
  definition: EventDefinition<Type, Data>,
  row: ShopRow,
  data: Data,
): EventOf<EventDefinition<Type, Data>> {
  const { type } = definition;
  return {
    specversion: '1.0',
    id: `shop-${numbered(row)}`,
    source: SHOP_SOURCE,
    type,
    time: row.time,
    subject: row.userId,
    dataschema: dataSchemaOf(type, newestVersion(definition)),
    datacontenttype: 'application/json',
    data,
  };
}

const numbered = ({ number }: ShopRow): string => String(number).padStart(6, '0');
