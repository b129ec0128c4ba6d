import type { Reduction } from '../../core/processor.ts';
import type { AddedItem, PurchasedOrder, ShopEvent } from './events.ts';
import { type Segment, segmentOf, segmentShard } from './segment.ts';

/** Minor units, or counts, by currency. */
export type ByCurrency = Readonly<Record<string, number>>;

/**
 * A line of the cart; the price in minor units. A list, since every put pays for the whole row, and names of members would be more than
 * half of a line.
 */
export type CartLine = readonly [productId: string, quantity: number, unitPrice: number, currency: string];

export interface ActiveProfile {
  readonly status: 'active';
  readonly cart: readonly CartLine[];
  /** What the cart's lines are worth. */
  readonly cartValue: ByCurrency;
  readonly totalSpend: ByCurrency;
  /** Number of orders. */
  readonly orders: ByCurrency;
  /** Latest first, each once. */
  readonly recentProducts: readonly string[];
  /** RFC 3339 in UTC, of the earliest and the latest event by its own time. Absent before the first event. */
  readonly firstSeen?: string;
  readonly lastSeen?: string;
  readonly segment: Segment;
  /** Index partition and event time of the last move; absent while nothing was bought. */
  readonly segmentShard?: string;
  readonly segmentSince?: string;
}

/** What is left of a person who wanted to be forgotten: nothing but the fact. It never becomes active again. */
export interface ErasedProfile {
  readonly status: 'erased';
  readonly erasedAt: string;
}

export type Profile = ActiveProfile | ErasedProfile;

/** Most products remembered as recent. */
export const RECENT_PRODUCTS = 10;
/** Most lines of a cart; the line that was added first goes first. */
export const CART_LINES = 500;

export const newProfile = (): ActiveProfile => ({
  status: 'active',
  cart: [],
  cartValue: {},
  totalSpend: {},
  orders: {},
  recentProducts: [],
  segment: 'none',
});

/** One event of a user folded into the profile. The decisions behind it are in docs/profiles.md. */
export function reduce(profile: Profile, event: ShopEvent): Reduction<Profile> {
  if (profile.status === 'erased') return { state: profile };
  const time = new Date(event.time).toISOString();
  if (event.type === 'profile.erasure-requested') return { state: { status: 'erased', erasedAt: time } };
  return { state: active(seen(profile, time), event, time) };
}

function active(
  profile: ActiveProfile,
  event: Exclude<ShopEvent, { type: 'profile.erasure-requested' }>,
  time: string,
): ActiveProfile {
  switch (event.type) {
    case 'page.viewed':
      return event.data.productId === undefined ? profile : touch(profile, [event.data.productId]);
    case 'cart.item-added':
      return touch(withCart(profile, added(profile.cart, event.data)), [event.data.productId]);
    case 'cart.item-removed':
      return withCart(profile, removed(profile.cart, event.data.productId, event.data.quantity));
    case 'order.purchased':
      return purchased(profile, event.data, event.subject, time);
  }
}

function seen(profile: ActiveProfile, time: string): ActiveProfile {
  const { firstSeen, lastSeen } = profile;
  return {
    ...profile,
    firstSeen: firstSeen === undefined || time < firstSeen ? time : firstSeen,
    lastSeen: lastSeen === undefined || time > lastSeen ? time : lastSeen,
  };
}

function touch(profile: ActiveProfile, productIds: readonly string[]): ActiveProfile {
  const recentProducts = [...new Set([...productIds, ...profile.recentProducts])].slice(0, RECENT_PRODUCTS);
  return { ...profile, recentProducts };
}

/** A product has one line: more of it at another price, or in another currency, reprices the line, as a shop's cart page does. */
function added(
  cart: readonly CartLine[],
  { productId, quantity, unitPrice, currency }: AddedItem,
): readonly CartLine[] {
  const at = cart.findIndex(([known]) => known === productId);
  const line: CartLine = [productId, quantity + (cart[at]?.[1] ?? 0), unitPrice, currency];
  return at < 0 ? [...cart, line].slice(-CART_LINES) : cart.with(at, line);
}

/** Taking out more than is there, or what is not there, leaves none: a cart holds no debts. */
function removed(
  cart: readonly CartLine[],
  productId: string,
  quantity = Number.POSITIVE_INFINITY,
): readonly CartLine[] {
  return cart.flatMap((line) => {
    const [known, held, unitPrice, currency] = line;
    if (known !== productId) return [line];
    return held > quantity ? [[known, held - quantity, unitPrice, currency] as const] : [];
  });
}

function withCart(profile: ActiveProfile, cart: readonly CartLine[]): ActiveProfile {
  if (cart === profile.cart) return profile;
  let cartValue: ByCurrency = {};
  for (const [, quantity, unitPrice, currency] of cart) cartValue = plus(cartValue, currency, quantity * unitPrice);
  return { ...profile, cart, cartValue };
}

/** What was paid counts, whatever the cart said of the price; what was bought leaves the cart, if it was in it. */
function purchased(
  profile: ActiveProfile,
  { currency, total, lines }: PurchasedOrder,
  userId: string,
  time: string,
): ActiveProfile {
  const cart = lines.reduce((left, { productId, quantity }) => removed(left, productId, quantity), profile.cart);
  const totalSpend = plus(profile.totalSpend, currency, total);
  const orders = plus(profile.orders, currency, 1);
  const bought = touch(
    withCart(profile, cart),
    lines.map(({ productId }) => productId),
  );
  return banded({ ...bought, totalSpend, orders }, userId, time);
}

function banded(profile: ActiveProfile, userId: string, time: string): ActiveProfile {
  const segment = segmentOf(profile.totalSpend);
  if (segment === profile.segment) return profile;
  return { ...profile, segment, segmentShard: segmentShard(segment, userId), segmentSince: time };
}

/** Throws a RangeError beyond 2^53 - 1, where sums would silently be wrong. */
function plus(amounts: ByCurrency, currency: string, amount: number): ByCurrency {
  const sum = (amounts[currency] ?? 0) + amount;
  if (!Number.isSafeInteger(sum)) throw new RangeError(`The sum in ${currency} passes the largest exact integer`);
  return { ...amounts, [currency]: sum };
}
