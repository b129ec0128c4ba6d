import fc from 'fast-check';
import { readVarint, unzigzag, varint, zigzag } from '../../../lambdas/core/varint.ts';

const any = fc.oneof(fc.nat(300), fc.maxSafeNat());

test('an integer reads back as what was written, and ends where it ends', () => {
  fc.assert(
    fc.property(any, fc.uint8Array({ maxLength: 3 }), (value, after) => {
      const bytes = varint(value);
      expect(readVarint(Uint8Array.of(255, ...bytes, ...after), 1)).toEqual({ value, end: 1 + bytes.length });
    }),
  );
});

test.each([
  [0, 1],
  [127, 1],
  [128, 2],
  [16_383, 2],
  [16_384, 3],
  [2 ** 32, 5],
  [Number.MAX_SAFE_INTEGER, 8],
])('%d takes %d bytes', (value, length) => {
  expect(varint(value)).toHaveLength(length);
});

test.each<[string, readonly number[], string]>([
  ['nothing', [], 'is cut short'],
  ['one that is cut short', [0x80], 'is cut short'],
  ['one with a digit of nothing at its end', [0x81, 0x00], 'is longer than it need be'],
  ['one beyond 53 bits', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f], 'is too large'],
  ['one without end', Array.from({ length: 12 }, () => 0xff), 'is too large'],
])('%s is refused', (_, bytes, what) => {
  expect(() => readVarint(Uint8Array.of(7, ...bytes), 1)).toThrow(new RangeError(`The integer at 1 ${what}`));
});

test('signed integers near zero stay small, and come back', () => {
  expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4]);
  fc.assert(
    fc.property(fc.integer(), (value) => {
      expect(unzigzag(zigzag(value))).toBe(value);
    }),
  );
});
