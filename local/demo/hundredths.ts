/**
 * A decimal of at most two digits after the point in hundredths: `2.6` is 260, `13.48` is 1348. Read digit by digit, since 2.62 × 100 is
 * not 262 in floating point.
 *
 * @throws RangeError for anything else.
 */
export function hundredthsOf(decimal: string): number {
  const [, whole = '', fraction = ''] = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(decimal) ?? [];
  if (whole === '')
    throw new RangeError(`${JSON.stringify(decimal)} is no decimal with at most two digits after the point`);
  return Number(`${whole}${fraction.padEnd(2, '0')}`);
}
