import * as z from 'zod';
import { defineEvent, type EventOf, evolve } from '../../core/catalogue.ts';
import { minorUnits } from './currency.ts';

/** Largest amount of one event, in minor units: sums of a million of them stay exact. */
const MAX_AMOUNT = 9_000_000_000;
const MAX_QUANTITY = 10_000;

const productId = z.string().min(1).max(128).describe("the product's id in the shop");
const quantity = z.int().min(1).max(MAX_QUANTITY).describe('pieces');
/** Integer minor units: 262 is 2.62 USD, 262 JPY. */
const amount = z.int().min(0).max(MAX_AMOUNT).describe('integer minor units: 262 is 2.62 USD, or 262 JPY');
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
  .describe('ISO 4217');
const sessionId = z
  .string()
  .min(1)
  .max(128)
  .meta({ pii: 'pseudonym', description: "the visit, as the shop's session cookie names it" })
  .optional();

const visitor = { is: 'user id, as the shop knows it', example: 'user-42', pii: 'pseudonym' } as const;

export const pageViewed = defineEvent('page.viewed', {
  description: 'A visitor looked at a page of the shop; productId if it shows a product',
  owner: 'shop',
  subject: visitor,
  schema: z.object({
    productId: productId.optional(),
    path: z.string().max(2_048).optional().describe('path of the page, without host and query'),
    sessionId,
  }),
  example: { productId: 'mug', path: '/mugs/mug', sessionId: 's-7f3a' },
});

/** Version 1 gave the price as a decimal text, whatever the currency. */
const itemAddedV1 = z
  .object({
    productId,
    quantity,
    price: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,2})?$/, 'must be a decimal with at most two digits after the point')
      .describe('of one piece, as a decimal: 2.62'),
    currency,
  })
  .refine(({ price, currency }) => minorUnits(price, currency) <= MAX_AMOUNT, {
    path: ['price'],
    message: `must be at most ${MAX_AMOUNT} minor units`,
  });

export const itemAdded = evolve(
  defineEvent('cart.item-added', {
    description: 'A visitor put a product into the cart',
    owner: 'shop',
    subject: visitor,
    schema: itemAddedV1,
    example: { productId: 'mug', quantity: 2, price: '8.90', currency: 'EUR' },
  }),
  {
    schema: z.object({ productId, quantity, unitPrice: amount, currency, sessionId }),
    example: { productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR', sessionId: 's-7f3a' },
    upcast: ({ price, ...rest }) => ({ ...rest, unitPrice: minorUnits(price, rest.currency) }),
    breaks:
      'The price is an integer in minor units, since a decimal text fits no currency without or with three decimals.',
  },
);

export const itemRemoved = defineEvent('cart.item-removed', {
  description: 'A visitor took a product out of the cart; all of it, without a quantity',
  owner: 'shop',
  subject: visitor,
  schema: z.object({ productId, quantity: quantity.optional(), sessionId }),
  example: { productId: 'mug', quantity: 1, sessionId: 's-7f3a' },
});

export const orderPurchased = defineEvent('order.purchased', {
  description:
    'A visitor bought: total is what was paid, with discounts and shipping, and need not be the sum of the lines',
  owner: 'shop',
  subject: visitor,
  schema: z.object({
    orderId: z.string().min(1).max(128).describe("the order's id in the shop"),
    currency,
    total: amount,
    lines: z
      .array(z.object({ productId, quantity, unitPrice: amount }))
      .min(1)
      .max(1_000)
      .describe('what was bought'),
    sessionId,
  }),
  example: {
    orderId: 'o-1001',
    currency: 'EUR',
    total: 2_270,
    lines: [{ productId: 'mug', quantity: 2, unitPrice: 890 }],
    sessionId: 's-7f3a',
  },
});

export const erasureRequested = defineEvent('profile.erasure-requested', {
  description: 'A person wants the profile erased: it becomes a tombstone for ever',
  owner: 'privacy',
  subject: visitor,
  schema: z.object({ requestId: z.string().min(1).max(128).optional().describe('case number of the request') }),
  example: { requestId: 'r-9' },
});

const version = z.int().min(1).describe("number of the profile's commits");
const byCurrency = z.record(currency, z.int()).describe('integer minor units by currency');

export const profileUpdated = defineEvent('profile.updated', {
  description: 'A profile as it stands after a commit: whoever keeps a copy keeps the one with the highest version',
  owner: 'profiles',
  subject: visitor,
  schema: z.discriminatedUnion('status', [
    z.object({
      status: z.literal('active'),
      version,
      cartValue: byCurrency,
      totalSpend: byCurrency,
      orders: z.record(currency, z.int()).describe('number of orders by currency'),
      segment: z.enum(['none', 'low', 'medium', 'high']).describe('band of total spend'),
      firstSeen: z.iso.datetime().describe('time of the earliest event'),
      lastSeen: z.iso.datetime().describe('time of the latest event'),
    }),
    z.object({
      status: z.literal('erased'),
      version,
      erasedAt: z.iso.datetime().describe('time of the request for erasure'),
    }),
  ]),
  example: {
    status: 'active',
    version: 7,
    cartValue: { EUR: 1_780 },
    totalSpend: { EUR: 2_270 },
    orders: { EUR: 1 },
    segment: 'low',
    firstSeen: '2026-11-01T12:00:00.000Z',
    lastSeen: '2026-11-03T08:15:30.000Z',
  },
});

/** What the profiles processor folds. */
export const handled = [pageViewed, itemAdded, itemRemoved, orderPurchased, erasureRequested] as const;

export type ShopEvent = EventOf<(typeof handled)[number]>;
export type PurchasedOrder = EventOf<typeof orderPurchased>['data'];
export type AddedItem = EventOf<typeof itemAdded>['data'];
