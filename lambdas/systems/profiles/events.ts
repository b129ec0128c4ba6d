import * as z from 'zod';
import { defineEvent, type EventOf, evolve } from '../../core/catalogue.ts';
import { minorUnits } from './currency.ts';

/** Largest amount of one event, in minor units: sums of a million of them stay exact. */
const MAX_AMOUNT = 9_000_000_000;
const MAX_QUANTITY = 10_000;

const productId = z.string().min(1).max(128);
const quantity = z.int().min(1).max(MAX_QUANTITY);
/** Integer minor units: 262 is 2.62 USD, 262 JPY. */
const amount = z.int().min(0).max(MAX_AMOUNT);
/** ISO 4217. */
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD');
const sessionId = z.string().min(1).max(128).meta({ pii: 'pseudonym' }).optional();

export const pageViewed = defineEvent(
  'page.viewed',
  'A visitor looked at a page of the shop; productId if it shows a product',
  z.object({ productId: productId.optional(), path: z.string().max(2_048).optional(), sessionId }),
);

/** Version 1 gave the price as a decimal text, whatever the currency. */
const itemAddedV1 = z
  .object({
    productId,
    quantity,
    price: z.string().regex(/^\d{1,9}(\.\d{1,2})?$/, 'must be a decimal with at most two digits after the point'),
    currency,
  })
  .refine(({ price, currency }) => minorUnits(price, currency) <= MAX_AMOUNT, {
    path: ['price'],
    message: `must be at most ${MAX_AMOUNT} minor units`,
  });

export const itemAdded = evolve(
  defineEvent('cart.item-added', 'A visitor put a product into the cart', itemAddedV1),
  z.object({ productId, quantity, unitPrice: amount, currency, sessionId }),
  ({ price, ...rest }) => ({ ...rest, unitPrice: minorUnits(price, rest.currency) }),
);

export const itemRemoved = defineEvent(
  'cart.item-removed',
  'A visitor took a product out of the cart; all of it, without a quantity',
  z.object({ productId, quantity: quantity.optional(), sessionId }),
);

export const orderPurchased = defineEvent(
  'order.purchased',
  'A visitor bought: total is what was paid, with discounts and shipping, and need not be the sum of the lines',
  z.object({
    orderId: z.string().min(1).max(128),
    currency,
    total: amount,
    lines: z
      .array(z.object({ productId, quantity, unitPrice: amount }))
      .min(1)
      .max(1_000),
    sessionId,
  }),
);

export const erasureRequested = defineEvent(
  'profile.erasure-requested',
  'A person wants the profile erased: it becomes a tombstone for ever',
  z.object({ requestId: z.string().min(1).max(128).optional() }),
);

const byCurrency = z.record(currency, z.int());

export const profileUpdated = defineEvent(
  'profile.updated',
  'A profile as it stands after a commit: whoever keeps a copy keeps the one with the highest version',
  z.discriminatedUnion('status', [
    z.object({
      status: z.literal('active'),
      version: z.int().min(1),
      cartValue: byCurrency,
      totalSpend: byCurrency,
      orders: byCurrency,
      segment: z.enum(['none', 'low', 'medium', 'high']),
      firstSeen: z.iso.datetime(),
      lastSeen: z.iso.datetime(),
    }),
    z.object({ status: z.literal('erased'), version: z.int().min(1), erasedAt: z.iso.datetime() }),
  ]),
);

/** What the profiles processor folds. */
export const handled = [pageViewed, itemAdded, itemRemoved, orderPurchased, erasureRequested] as const;

export type ShopEvent = EventOf<(typeof handled)[number]>;
export type PurchasedOrder = EventOf<typeof orderPurchased>['data'];
export type AddedItem = EventOf<typeof itemAdded>['data'];
