import fc from 'fast-check';
import { packMark, unpackMark } from '../../../lambdas/core/stored-mark.ts';

const mark = {
  sequence: '49590338271490256608559692538361571095921575989136588898',
  index: 0,
  arrival: 1_800_000_000,
};

test('a mark takes 30 bytes, and keeps all 56 digits', () => {
  expect(packMark(mark)).toHaveLength(30);
  expect(unpackMark(packMark(mark))).toEqual(mark);
});

test('any mark reads back as what was written, also as part of a larger buffer', () => {
  const any = fc.record({
    sequence: fc.stringMatching(/^(0|[1-9]\d{0,59})$/),
    index: fc.nat(10_000),
    arrival: fc.nat(2 ** 33),
  });
  fc.assert(
    fc.property(any, (one) => {
      const bytes = packMark(one);
      const inside = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]).subarray(3, 3 + bytes.length);
      expect([unpackMark(bytes), unpackMark(inside)]).toEqual([one, one]);
    }),
  );
});

test('leading zeros of a sequence number go: as an integer it is the same', () => {
  expect(unpackMark(packMark({ ...mark, sequence: '007' })).sequence).toBe('7');
});

test.each([0, 1, 6])('cut short to %d bytes it is refused', (length) => {
  expect(() => unpackMark(packMark(mark).subarray(0, length))).toThrow(RangeError);
});

test('without a sequence number it says so', () => {
  expect(() => unpackMark(Uint8Array.of(0, 1))).toThrow('The mark holds no sequence number');
});
