import fc from 'fast-check';
import { RECENT_PRODUCTS } from '../../../lambdas/systems/profiles/reducer.ts';
import { NOON } from '../../support/events.ts';
import { activeOf, added, anyVisits, purchased, removed, shop, viewed } from './shop.ts';

describe('first and last seen', () => {
  const at = (time: string) => viewed('tea', { time });
  const [earlier, noon, later] = ['2026-11-01T11:59:59.999Z', NOON, '2026-11-01T12:00:00.001Z'];

  test.each<[string, readonly string[], string, string, string]>([
    ['are one moment at first', [], noon, noon, noon],
    ['grow forward', [noon], later, noon, later],
    ['grow backward when an event arrives late', [noon], earlier, earlier, noon],
    ['stay when an event lies between', [earlier, later], noon, earlier, later],
    [
      'tell milliseconds apart',
      ['2026-11-01T12:00:00.1Z'],
      '2026-11-01T12:00:00.09Z',
      '2026-11-01T12:00:00.090Z',
      '2026-11-01T12:00:00.100Z',
    ],
    [
      'compare instants, not texts, when offsets differ',
      ['2026-11-01T12:00:00Z'],
      '2026-11-01T13:30:00+02:00',
      '2026-11-01T11:30:00.000Z',
      noon,
    ],
    [
      'know offsets of half an hour, into another day',
      ['2026-11-01T00:10:00Z'],
      '2026-11-01T05:29:00+05:30',
      '2026-10-31T23:59:00.000Z',
      '2026-11-01T00:10:00.000Z',
    ],
    ['know the year 1', ['0001-01-01T00:00:00Z'], noon, '0001-01-01T00:00:00.000Z', noon],
  ])('%s', (_, before, time, firstSeen, lastSeen) => {
    shop
      .given(...before.map(at))
      .when(at(time))
      .thenState({ firstSeen, lastSeen });
  });

  test.each([
    ['a removal of what is not there', removed('tea')],
    ['a view of no product', viewed()],
  ])('include %s', (_, event) => {
    shop.when(event).thenState({ firstSeen: NOON, lastSeen: NOON });
  });

  test('are the same whatever the order of arrival', () => {
    const shuffled = anyVisits.chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
    );
    fc.assert(
      fc.property(shuffled, ([events, others]) => {
        const { firstSeen, lastSeen } = activeOf(shop.when(...events).state);
        shop.when(...others).thenState({ firstSeen, lastSeen });
        const times = events.map(({ time }) => Date.parse(time));
        expect([firstSeen, lastSeen]).toEqual([
          new Date(Math.min(...times)).toISOString(),
          new Date(Math.max(...times)).toISOString(),
        ]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('recent products', () => {
  test.each([
    ['a view', viewed('cup')],
    ['a move into the cart', added('cup')],
    ['a purchase', purchased({ of: { cup: 1 } })],
  ])('get a new one in front by %s', (_, event) => {
    shop
      .given(viewed('tea'))
      .when(event)
      .thenState({ recentProducts: ['cup', 'tea'] });
  });

  test.each([
    ['a view of a page without one', viewed()],
    ['a removal', removed('tea')],
  ])('stay by %s', (_, event) => {
    shop
      .given(viewed('tea'), viewed('cup'))
      .when(event)
      .thenState({ recentProducts: ['cup', 'tea'] });
  });

  test('hold each once, moved to the front by another look', () => {
    shop
      .given(viewed('tea'), viewed('cup'))
      .when(viewed('tea'))
      .thenState({ recentProducts: ['tea', 'cup'] });
  });

  test('take an order as it lists its lines', () => {
    shop
      .given(viewed('pot'))
      .when(purchased({ of: { cup: 1, tea: 1 } }))
      .thenState({ recentProducts: ['cup', 'tea', 'pot'] });
  });

  test('are bounded, and forget what was looked at longest ago', () => {
    const views = Array.from({ length: RECENT_PRODUCTS + 1 }, (_, nth) => viewed(`product-${nth}`));
    const expected = Array.from({ length: RECENT_PRODUCTS }, (_, nth) => `product-${RECENT_PRODUCTS - nth}`);
    shop.when(...views).thenState({ recentProducts: expected });
    const of = Object.fromEntries(views.map((_, nth) => [`product-${nth}`, 1]));
    const bought = Array.from({ length: RECENT_PRODUCTS }, (_, nth) => `product-${nth}`);
    shop.when(purchased({ of })).thenState({ recentProducts: bought });
  });
});
