import fc from 'fast-check';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { CART_LINES, RECENT_PRODUCTS } from '../../../lambdas/systems/profiles/reducer.ts';
import { LISTED_SEGMENTS, segmentOf, segmentShards } from '../../../lambdas/systems/profiles/segment.ts';
import { activeOf, anyVisits, shop } from './shop.ts';

const profileAfter = (events: readonly CloudEvent[]) => activeOf(shop.when(...events).state);
const holds = (promise: (events: readonly CloudEvent[]) => void) =>
  fc.assert(fc.property(anyVisits, promise), { numRuns: 60 });

/** Sums by currency, of nothing but what is given. */
function sums(entries: readonly { readonly currency: string; readonly amount: number }[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { currency, amount } of entries) totals[currency] = (totals[currency] ?? 0) + amount;
  return totals;
}

interface Bought {
  readonly currency: string;
  readonly total: number;
}
const ordersOf = (events: readonly CloudEvent[]): readonly Bought[] =>
  events.filter(({ type }) => type === 'order.purchased').map(({ data }) => data as Bought);

describe('whatever visitors do, in whatever order it arrives', () => {
  test('the cart is worth the sum of its lines, none of which is negative, empty or there twice', () => {
    holds((events) => {
      const { cart, cartValue } = profileAfter(events);
      expect(cartValue).toEqual(
        sums(cart.map(([, quantity, price, currency]) => ({ currency, amount: quantity * price }))),
      );
      expect(cart.filter(([, quantity, price]) => quantity < 1 || price < 0)).toEqual([]);
      expect(new Set(cart.map(([productId]) => productId)).size).toBe(cart.length);
      expect(cart.length).toBeLessThanOrEqual(CART_LINES);
    });
  });

  test('total spend is the sum of the orders, by currency, and orders are counted', () => {
    holds((events) => {
      const { totalSpend, orders } = profileAfter(events);
      const bought = ordersOf(events);
      expect(totalSpend).toEqual(sums(bought.map(({ currency, total }) => ({ currency, amount: total }))));
      expect(orders).toEqual(sums(bought.map(({ currency }) => ({ currency, amount: 1 }))));
    });
  });

  test('the segment follows from total spend, and the index holds exactly those who have one', () => {
    holds((events) => {
      const { totalSpend, segment, segmentShard, segmentSince } = profileAfter(events);
      expect(segment).toBe(segmentOf(totalSpend));
      const listed = LISTED_SEGMENTS.some((one) => one === segment);
      expect(listed ? segmentShards(segment) : [undefined]).toContain(segmentShard);
      expect(segmentSince !== undefined).toBe(listed);
    });
  });

  test('recent products are few, and each is there once', () => {
    holds((events) => {
      const { recentProducts } = profileAfter(events);
      expect(recentProducts.length).toBeLessThanOrEqual(RECENT_PRODUCTS);
      expect(new Set(recentProducts).size).toBe(recentProducts.length);
    });
  });
});
