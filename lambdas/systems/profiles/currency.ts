/** Digits after the point, where they are not two. Source: ISO 4217, list one, "minor unit". */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ...['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV'].map(digits(0)),
  ...['XAF', 'XOF', 'XPF'].map(digits(0)),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map(digits(3)),
  ...['CLF', 'UYW'].map(digits(4)),
]);

function digits(count: number): (currency: string) => [string, number] {
  return (currency) => [currency, count];
}

/** How many digits a currency has after the point, by ISO 4217. CLDR, and so Intl, has fewer for some, as people pay in round sums. */
export const fractionDigits = (currency: string): number => DIGITS.get(currency) ?? 2;

/** How many minor units make one of a currency: 100 cents, 1 yen, 1,000 fils. */
export const minorUnitsPerUnit = (currency: string): number => 10 ** fractionDigits(currency);

/**
 * A decimal text in minor units: `2.6` is 260 in USD, 2600 in KWD. Read digit by digit, since 2.62 × 100 is not 262 in floating point.
 * What is smaller than a minor unit, as in `2.62` JPY, is rounded half up.
 */
export function minorUnits(decimal: string, currency: string): number {
  const [whole = '', fraction = ''] = decimal.split('.');
  const kept = fractionDigits(currency);
  const rounding = Number(fraction.charAt(kept)) >= 5 ? 1 : 0;
  return Number(whole + fraction.slice(0, kept).padEnd(kept, '0')) + rounding;
}
