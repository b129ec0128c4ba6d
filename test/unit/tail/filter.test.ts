import { rejection } from '../../../lambdas/core/rejection.ts';
import { itemAdded, orderPurchased } from '../../../lambdas/systems/profiles/events.ts';
import { ConditionError, conditionOf, filterOf } from '../../../local/cli/tail/filter.ts';
import type { TailItem } from '../../../local/cli/tail/items.ts';
import { eventOf } from '../../support/events.ts';

const place = { position: { stream: 'shop', shard: 's', sequence: '1', index: 0 }, partitionKey: '42', arrivalMs: 0 };
const item = (event: ReturnType<typeof eventOf>): TailItem => ({
  kind: 'event',
  event,
  definition: itemAdded,
  version: 2,
  ...place,
});
const added = item(
  eventOf(
    itemAdded,
    { productId: '5', quantity: 2, unitPrice: 890, currency: 'EUR' },
    { subject: '42', time: '2026-01-02T00:00:00Z' },
  ),
);
const bought = item(
  eventOf(
    orderPurchased,
    {
      orderId: ' o ',
      currency: 'EUR',
      total: 100,
      lines: [
        { productId: 'mug', quantity: 1, unitPrice: 50 },
        { productId: 'cup', quantity: 3, unitPrice: 50 },
      ],
    },
    { subject: '43' },
  ),
);
const rejected = (type?: string): TailItem => ({
  kind: 'rejected',
  cause: rejection('event.invalid-data', 'm', type === undefined ? undefined : { type }),
  payload: () => new Uint8Array(),
  ...place,
});

const none = { type: [], key: [], where: [] };

describe('--where', () => {
  test.each<[string, TailItem, boolean]>([
    ['data.quantity>1', added, true],
    ['data.quantity > 2', added, false],
    ['data.quantity>=2', added, true],
    ['data.quantity<10', added, true],
    ['data.quantity<=1', added, false],
    ['data.quantity=2', added, true],
    ['data.quantity=2.0', added, true],
    ['data.quantity!=2', added, false],
    ['data.quantity!=3', added, true],
    ['data.currency=EUR', added, true],
    ['data.currency="EUR"', added, true],
    ['data.currency=eur', added, false],
    ['data.productId=5', added, true],
    ['data.productId', added, true],
    ['data.sessionId', added, false],
    ['data.sessionId!=x', added, true],
    ['data.sessionId>0', added, false],
    ['data.quantity>x', added, false],
    ['data.quantity<', added, false],
    ['data', added, true],
    ['data=x', added, false],
    ['time>2026-01-01', added, true],
    ['time<2026-01-01', added, false],
    ['data.lines.productId=cup', bought, true],
    ['data.lines.productId=jug', bought, false],
    ['data.lines.productId!=cup', bought, false],
    ['data.lines.1.productId=cup', bought, true],
    ['data.lines.0.productId=cup', bought, false],
    ['data.lines.quantity>2', bought, true],
    ["data.orderId=' o '", bought, true],
    ['data.constructor', added, false],
    ['data.__proto__', added, false],
  ])('%s', (condition, one, holds) => expect(filterOf({ ...none, where: [condition] })(one)).toBe(holds));

  test('given twice, both must hold', () => {
    expect(filterOf({ ...none, where: ['data.quantity=2', 'data.currency=EUR'] })(added)).toBe(true);
    expect(filterOf({ ...none, where: ['data.quantity=2', 'data.currency=USD'] })(added)).toBe(false);
  });

  test.each(['', '>1', 'data..x', 'data.quantity ~ 1', 'data quantity'])('%j cannot be read', (condition) => {
    expect(() => conditionOf(condition)).toThrow(ConditionError);
  });
});

describe('--type and --key', () => {
  test.each<[string[], boolean]>([
    [['cart.item-added'], true],
    [['cart.*'], true],
    [['*'], true],
    [['*.item-*'], true],
    [['order.*', 'cart.*'], true],
    [['cart.item'], false],
    [['cart?item-added'], false],
    [['cartXitem-added'], false],
    [['.*'], false],
  ])('types %j', (type, shown) => expect(filterOf({ ...none, type })(added)).toBe(shown));

  test('a key is the whole subject', () => {
    expect(filterOf({ ...none, key: ['4', '42'] })(added)).toBe(true);
    expect(filterOf({ ...none, key: ['4'] })(added)).toBe(false);
  });

  test('every kind of filter must let it through', () => {
    expect(filterOf({ type: ['cart.*'], key: ['43'], where: [] })(added)).toBe(false);
  });
});

describe('what would be rejected', () => {
  test.each<[Partial<typeof none>, TailItem, boolean]>([
    [{}, rejected(), true],
    [{ key: ['42'] as never }, rejected(), true],
    [{ key: ['43'] as never }, rejected(), false],
    [{ type: ['cart.*'] as never }, rejected('cart.item-added'), true],
    [{ type: ['cart.*'] as never }, rejected(), false],
    [{ where: ['data.quantity>1'] as never }, rejected('cart.item-added'), false],
  ])('%j', (options, one, shown) => expect(filterOf({ ...none, ...options })(one)).toBe(shown));
});
