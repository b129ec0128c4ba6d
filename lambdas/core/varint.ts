/** Non-negative integers of up to 53 bits, base 128, least significant digit first, as protobuf writes them: small ones take one byte. */
export function varint(value: number): readonly number[] {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  digits.push(rest);
  return digits;
}

/** The integer that begins at `at`, and where it ends. Throws a RangeError if it is cut short, too large, or longer than it need be. */
export function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let end = at, unit = 1; ; end++, unit *= 128) {
    const digit = bytes[end];
    if (digit === undefined) throw new RangeError(`The integer at ${at} is cut short`);
    value += (digit % 128) * unit;
    if (!Number.isSafeInteger(value)) throw new RangeError(`The integer at ${at} is too large`);
    if (digit >= 128) continue;
    if (digit === 0 && end > at) throw new RangeError(`The integer at ${at} is longer than it need be`);
    return { value, end: end + 1 };
  }
}

/** Signed integers as unsigned ones, those near zero small: 0, -1, 1, -2 as 0, 1, 2, 3. */
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);
