import fc from 'fast-check';
import { newestVersion, upcast } from '../../../lambdas/core/catalogue.ts';
import { minorUnits, minorUnitsPerUnit } from '../../../lambdas/systems/profiles/currency.ts';
import { itemAdded, orderPurchased } from '../../../lambdas/systems/profiles/events.ts';
import { olderEventOf } from '../../support/events.ts';
import { line, shop } from './shop.ts';

describe('prices', () => {
  test.each<[string, string, number]>([
    ['2.62', 'USD', 262],
    ['2.6', 'USD', 260],
    ['2', 'USD', 200],
    ['0', 'USD', 0],
    ['0.01', 'USD', 1],
    ['0.1', 'USD', 10],
    ['007.50', 'USD', 750],
    // 1.005 × 100, 8.2 × 100 and 4.35 × 100 are not 100.5, 820 and 435 in floating point.
    ['8.2', 'EUR', 820],
    ['4.35', 'EUR', 435],
    ['9999999.99', 'EUR', 999_999_999],
    ['262', 'JPY', 262],
    ['262.4', 'JPY', 262],
    ['262.5', 'JPY', 263],
    ['262.49', 'JPY', 262],
    ['999.99', 'JPY', 1000],
    ['2.62', 'KWD', 2620],
    ['2', 'KWD', 2000],
    ['0.05', 'KWD', 50],
    ['1.5', 'CLF', 15_000],
  ])('%s %s in minor units', (decimal, currency, expected) => {
    expect(minorUnits(decimal, currency)).toBe(expected);
  });

  test('come back from minor units whatever the currency', () => {
    const money = fc.tuple(fc.nat(999_999_999), fc.constantFrom('USD', 'KWD', 'CLF'));
    fc.assert(
      fc.property(money, ([minor, currency]) => {
        const per = minorUnitsPerUnit(currency);
        const decimal = `${Math.floor(minor / per)}.${String(minor % per).padStart(String(per).length - 1, '0')}`;
        expect(minorUnits(decimal, currency)).toBe(minor);
      }),
    );
  });
});

describe('cart.item-added version 1', () => {
  const data = { productId: 'tea', quantity: 3, price: '2.6', currency: 'USD' };

  test('counts like version 2', () => {
    shop.when(olderEventOf(itemAdded, 1, data)).thenState({ cart: [line('tea', 3, 260)], cartValue: { USD: 780 } });
  });

  test.each([
    ['three digits after the point', { price: '2.625' }],
    ['a comma', { price: '2,62' }],
    ['a sign', { price: '-2.62' }],
    ['no digit before the point', { price: '.62' }],
    ['no digit after the point', { price: '2.' }],
    ['an exponent', { price: '1e3' }],
    ['a number', { price: 2.62 }],
    ['other digits', { price: '٢.٦٢' }],
    ['a line break after it', { price: '2.62\n' }],
    ['more than version 2 takes', { price: '90000000.01' }],
    ['more than version 2 takes, because the currency has thousandths', { price: '9000000.01', currency: 'KWD' }],
  ])('takes no price with %s', (_, part) => {
    expect(() => shop.when(olderEventOf(itemAdded, 1, { ...data, ...part }))).toThrow(/event\.invalid-data.*price/);
  });

  test('becomes valid data of the newest version, whatever it was', () => {
    const price = fc
      .tuple(fc.nat(999_999_999), fc.option(fc.stringMatching(/^\d{1,2}$/), { nil: undefined }))
      .map(([whole, fraction]) => (fraction === undefined ? `${whole}` : `${whole}.${fraction}`));
    const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'CLF', 'XXX');
    const [v1, newest] = [itemAdded.versions[0]?.schema, itemAdded.versions.at(-1)?.schema];
    let accepted = 0;
    fc.assert(
      fc.property(price, currency, (price, currency) => {
        const parsed = v1?.safeParse({ ...data, price, currency });
        if (!parsed?.success) return;
        accepted++;
        expect(newest?.safeParse(upcast(itemAdded, 1, parsed.data))).toMatchObject({ success: true });
      }),
    );
    expect(accepted).toBeGreaterThan(20);
    expect(newestVersion(itemAdded)).toBe(2);
  });
});

describe('the schemas', () => {
  const order = { orderId: 'o', currency: 'USD', total: 1, lines: [{ productId: 'tea', quantity: 1, unitPrice: 1 }] };
  const [schema] = orderPurchased.versions.map((version) => version.schema);

  test.each([
    ['an order', {}, true],
    ['an order for nothing', { total: 0 }, true],
    ['the largest amount', { total: 9_000_000_000 }, true],
    ['a larger amount', { total: 9_000_000_001 }, false],
    ['a negative amount', { total: -1 }, false],
    ['part of a minor unit', { total: 1.5 }, false],
    ['an amount as text', { total: '1' }, false],
    ['a currency in lower case', { currency: 'usd' }, false],
    ['a currency that would be a member of every object', { currency: 'constructor' }, false],
    ['no lines', { lines: [] }, false],
    ['too many lines', { lines: Array.from({ length: 1001 }, () => order.lines[0]) }, false],
    ['no pieces of a product', { lines: [{ productId: 'tea', quantity: 0, unitPrice: 1 }] }, false],
    ['too many pieces', { lines: [{ productId: 'tea', quantity: 10_001, unitPrice: 1 }] }, false],
    ['an empty product', { lines: [{ productId: '', quantity: 1, unitPrice: 1 }] }, false],
  ])('judge %s', (_, part, valid) => {
    expect(schema?.safeParse({ ...order, ...part }).success).toBe(valid);
  });
});
