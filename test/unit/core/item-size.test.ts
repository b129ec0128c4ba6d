import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { decimalSize, itemSize } from '../../../lambdas/core/item-size.ts';

describe('the size of an item', () => {
  // The attribute is always named `a`, one byte; expected values are worked out by hand from the Developer Guide.
  test.each<[string, unknown, number]>([
    ['an empty string counts its name alone', '', 1],
    ['ASCII counts one byte a character', 'hello', 1 + 5],
    ['a string counts UTF-8 bytes, not characters', 'né€𝒳', 1 + 1 + 2 + 3 + 4],
    ['zero has no significant digit', 0, 1 + 1],
    ['one digit takes one byte and one more', 7, 1 + 2],
    ['two digits share a byte', 42, 1 + 2],
    ['three digits need two bytes', 123, 1 + 3],
    ['trailing zeros are trimmed', 4200, 1 + 2],
    ['leading zeros of a fraction are trimmed', 0.0042, 1 + 2],
    ['zeros between digits are significant', 1001, 1 + 3],
    ['the point is free', 12.34, 1 + 3],
    ['the sign is free', -42, 1 + 2],
    ['an exponent is no digit', 1e21, 1 + 2],
    ['a bigint keeps all its digits', 12345678901234567890123n, 1 + 13],
    ['a Boolean takes one byte', false, 1 + 1],
    ['null takes one byte', null, 1 + 1],
    ['binary counts its raw length', new Uint8Array(10), 1 + 10],
    ['undefined is not stored', undefined, 0],
    ['an empty list takes 3 bytes', [], 1 + 3],
    ['a list adds a byte per element', ['x', 'yy'], 1 + 3 + (1 + 1) + (1 + 2)],
    ['undefined elements are not stored', ['x', undefined], 1 + 3 + (1 + 1)],
    ['an empty map takes 3 bytes', {}, 1 + 3],
    ['a map adds a byte and the name per element', { key: 'v' }, 1 + 3 + (1 + 3 + 1)],
    ['undefined members are not stored', { key: 'v', gone: undefined }, 1 + 3 + (1 + 3 + 1)],
    ['nesting adds up', { l: [true, { n: 1 }] }, 1 + 3 + (1 + 1 + (3 + (1 + 1) + (1 + 3 + (1 + 1 + 2))))],
    ['a set is the sum of its elements', new Set(['x', 'yy']), 1 + 3],
    ['a map without a prototype is a map', Object.assign(Object.create(null), { k: 'v' }), 1 + 3 + 3],
  ])('%s', (_, value, bytes) => {
    expect(itemSize({ a: value })).toBe(bytes);
  });

  test('names count their UTF-8 bytes', () => {
    expect(itemSize({ 'prénom€': 'x' })).toBe(5 + 2 + 3 + 1);
  });

  test('an object made in another realm is a plain object', () => {
    expect(itemSize({ a: runInNewContext('({ key: "v" })') })).toBe(1 + 3 + 5);
  });

  test.each<[string, unknown, RegExp]>([
    ['not a number', { price: Number.NaN }, /cart\.price holds NaN/],
    ['infinity', { price: Number.POSITIVE_INFINITY }, /cart\.price holds Infinity/],
    ['a function', { f: () => 1 }, /cart\.f holds a function/],
    ['a date', [new Date(0)], /cart\[0\] holds an instance of Date/],
    ['infinity in a set', new Set(['x', Number.NEGATIVE_INFINITY]), /cart\{1\} holds -Infinity/],
    ['what lies deep', { lines: ['x', undefined, { price: Number.NaN }] }, /cart\.lines\[2\]\.price holds NaN/],
  ])('%s is refused with its path', (_, value, message) => {
    expect(() => itemSize({ cart: value })).toThrow(message);
  });

  test('a number takes what its decimal text takes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })),
        (n) => {
          expect(itemSize({ a: n })).toBe(1 + decimalSize(n.toString()));
        },
      ),
    );
  });

  test('shifting a decimal point never changes the size of a number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 30n }), fc.integer({ min: 0, max: 8 }), (n, shift) => {
        expect(decimalSize((n * 10n ** BigInt(shift)).toString())).toBe(decimalSize(n.toString()));
      }),
    );
  });
});
