import fc from 'fast-check';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import {
  erasureRequested,
  itemAdded,
  itemRemoved,
  orderPurchased,
  pageViewed,
} from '../../../lambdas/systems/profiles/events.ts';
import { profilesProcessor } from '../../../lambdas/systems/profiles/processor.ts';
import type { CartLine, Profile } from '../../../lambdas/systems/profiles/reducer.ts';
import { afterNoon, type EnvelopePart, eventOf } from '../../support/events.ts';
import { specify } from '../../support/specification.ts';

/** What happens in a shop, in as few words as a test needs. Prices are cents, or what the currency has. */
export const shop = specify(profilesProcessor);

export interface Priced {
  readonly quantity?: number;
  readonly unitPrice?: number;
  readonly currency?: string;
}

export const viewed = (productId?: string, envelope: EnvelopePart = {}) =>
  eventOf(pageViewed, productId === undefined ? {} : { productId }, envelope);

export const added = (productId: string, priced: Priced = {}, envelope: EnvelopePart = {}) =>
  eventOf(itemAdded, { productId, quantity: 1, unitPrice: 500, currency: 'USD', ...priced }, envelope);

export const removed = (productId: string, quantity?: number) =>
  eventOf(itemRemoved, quantity === undefined ? { productId } : { productId, quantity });

export interface Order {
  readonly total?: number;
  readonly currency?: string;
  /** Quantities by product. */
  readonly of?: Readonly<Record<string, number>>;
}

export const purchased = (
  { total = 500, currency = 'USD', of = { tea: 1 } }: Order = {},
  envelope: EnvelopePart = {},
) => {
  const lines = Object.entries(of).map(([productId, quantity]) => ({ productId, quantity, unitPrice: 500 }));
  return eventOf(orderPurchased, { orderId: 'order-1', currency, total, lines }, envelope);
};

export const erased = (envelope: EnvelopePart = {}) => eventOf(erasureRequested, {}, envelope);

export const line = (productId: string, quantity: number, unitPrice: number, currency = 'USD'): CartLine => [
  productId,
  quantity,
  unitPrice,
  currency,
];

/** The profile that a row holds, which must not be erased. */
export function activeOf(profile: Profile): Extract<Profile, { status: 'active' }> {
  if (profile.status !== 'active') throw new Error('The profile is erased');
  return profile;
}

const productId = fc.constantFrom('tea', 'cup', 'pot', 'tray');
const currency = fc.constantFrom('USD', 'EUR', 'JPY');
const quantity = fc.integer({ min: 1, max: 10_000 });
/** Small amounts, and those at the end of what the schema takes. */
const amount = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constant(9_000_000_000));
const when = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((ms) => ({ time: afterNoon(ms) }));

/** Anything that a visitor may do, at any time, in any order. */
export const anyVisit: fc.Arbitrary<CloudEvent> = fc.oneof(
  fc.tuple(fc.option(productId, { nil: undefined }), when).map((parts) => viewed(...parts)),
  fc.tuple(productId, fc.record({ quantity, unitPrice: amount, currency }), when).map((parts) => added(...parts)),
  fc.tuple(productId, fc.option(quantity, { nil: undefined })).map((parts) => removed(...parts)),
  fc
    .tuple(fc.record({ total: amount, currency, of: fc.dictionary(productId, quantity, { minKeys: 1 }) }), when)
    .map((parts) => purchased(...parts)),
);

export const anyVisits = fc.array(anyVisit, { minLength: 1, maxLength: 25 });
