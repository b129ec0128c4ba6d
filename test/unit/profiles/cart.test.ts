import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { itemSize } from '../../../lambdas/core/item-size.ts';
import { toAttributes } from '../../../lambdas/core/row.ts';
import { CART_LINES, type CartLine, newProfile } from '../../../lambdas/systems/profiles/reducer.ts';
import { NOON } from '../../support/events.ts';
import { added, line, purchased, removed, shop, viewed } from './shop.ts';

describe('the cart', () => {
  test.each<[string, readonly CloudEvent[], CloudEvent, readonly CartLine[], Record<string, number>]>([
    ['gets a line for a new product', [], added('tea', { quantity: 2 }), [line('tea', 2, 500)], { USD: 1000 }],
    ['adds up more of the same', [added('tea')], added('tea', { quantity: 3 }), [line('tea', 4, 500)], { USD: 2000 }],
    [
      'keeps lines in the order in which products came',
      [added('tea'), added('cup')],
      added('tea'),
      [line('tea', 2, 500), line('cup', 1, 500)],
      { USD: 1500 },
    ],
    [
      'reprices the whole line when the price changed',
      [added('tea', { quantity: 2 })],
      added('tea', { unitPrice: 450 }),
      [line('tea', 3, 450)],
      { USD: 1350 },
    ],
    ['takes a free product', [], added('tea', { unitPrice: 0 }), [line('tea', 1, 0)], { USD: 0 }],
    [
      'values each currency by itself',
      [added('tea')],
      added('cup', { unitPrice: 300, currency: 'EUR' }),
      [line('tea', 1, 500), line('cup', 1, 300, 'EUR')],
      { USD: 500, EUR: 300 },
    ],
    [
      'moves the whole line when its currency changed',
      [added('tea', { quantity: 2 })],
      added('tea', { unitPrice: 460, currency: 'EUR' }),
      [line('tea', 3, 460, 'EUR')],
      { EUR: 1380 },
    ],
    [
      'loses some of a product',
      [added('tea', { quantity: 3 })],
      removed('tea', 2),
      [line('tea', 1, 500)],
      { USD: 500 },
    ],
    [
      'loses the line with its last one',
      [added('tea', { quantity: 2 }), added('cup')],
      removed('tea', 2),
      [line('cup', 1, 500)],
      { USD: 500 },
    ],
    ['loses all of a product without a quantity', [added('tea', { quantity: 9 })], removed('tea'), [], {}],
    ['holds no debts: more is removed than is there', [added('tea', { quantity: 2 })], removed('tea', 5), [], {}],
    [
      'is as it was when what is not there is removed',
      [added('tea')],
      removed('cup', 1),
      [line('tea', 1, 500)],
      { USD: 500 },
    ],
    ['is empty when something is removed from nothing', [], removed('tea'), [], {}],
    [
      'loses what was bought',
      [added('tea'), added('cup')],
      purchased({ of: { tea: 1 } }),
      [line('cup', 1, 500)],
      { USD: 500 },
    ],
    [
      'keeps what was not bought of a line',
      [added('tea', { quantity: 5 })],
      purchased({ of: { tea: 2 } }),
      [line('tea', 3, 500)],
      { USD: 1500 },
    ],
    ['loses a line of which more was bought than was in it', [added('tea')], purchased({ of: { tea: 4 } }), [], {}],
    [
      'is as it was when other things were bought',
      [added('tea')],
      purchased({ of: { tray: 1 } }),
      [line('tea', 1, 500)],
      { USD: 500 },
    ],
    [
      'loses what was bought in whatever currency',
      [added('tea')],
      purchased({ of: { tea: 1 }, currency: 'EUR' }),
      [],
      {},
    ],
    [
      'loses several lines in one order',
      [added('tea'), added('cup', { quantity: 2 }), added('pot')],
      purchased({ of: { pot: 1, cup: 1, tea: 1 } }),
      [line('cup', 1, 500)],
      { USD: 500 },
    ],
    ['is not touched by looking', [added('tea')], viewed('cup'), [line('tea', 1, 500)], { USD: 500 }],
  ])('%s', (_, before, event, cart, cartValue) => {
    shop
      .given(...before)
      .when(event)
      .thenState({ cart, cartValue });
  });

  const before = {
    ...newProfile(),
    firstSeen: NOON,
    lastSeen: NOON,
  };
  const full = (productId: (nth: number) => string) =>
    Array.from({ length: CART_LINES }, (_, nth) => line(productId(nth), 1, 1));

  test('has so many lines at most, and the product that came first goes first', () => {
    const cart = full((nth) => `product-${nth}`);
    const given = shop.givenState({ ...before, cart, cartValue: { USD: CART_LINES } });
    given.when(added('product-3')).thenState({ cartValue: { USD: CART_LINES - 1 + 2 * 500 } });
    given
      .when(added('one-more'))
      .thenState({ cart: [...cart.slice(1), line('one-more', 1, 500)], cartValue: { USD: CART_LINES - 1 + 500 } });
  });

  test('that is full of the longest ids leaves room in the row', () => {
    const cart = full((nth) => String(nth).padStart(128, '€'));
    const { row } = shop.givenState({ ...before, cart, cartValue: { USD: CART_LINES } }).when(added('€'.repeat(128)));
    expect(itemSize(toAttributes(row))).toBeLessThan(300 * 1024);
  });

  test('rather rejects an event than count beyond the largest exact integer', () => {
    const most = { quantity: 10_000, unitPrice: 9_000_000_000 };
    const ninetyNine = line('tea', 990_000, 9_000_000_000);
    const given = shop.givenState({ ...before, cart: [ninetyNine], cartValue: { USD: 990_000 * 9_000_000_000 } });
    const once = added('tea', most);
    given.when(once).thenState({ cartValue: { USD: 1_000_000 * 9_000_000_000 } });
    given
      .when(once, added('tea', most))
      .thenThrows('event.reducer-threw')
      .thenState({ cartValue: { USD: 1_000_000 * 9_000_000_000 } });
  });
});
