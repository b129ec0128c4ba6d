import { fractionDigits } from '../../lambdas/systems/profiles/currency.ts';

/** `1,234`. */
export const counted = (count: number): string => count.toLocaleString('en-US');

/** `1 event`, `2 events`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${counted(count)} ${count === 1 ? one : many}`;

/** `8.4 s`. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Minor units of a currency as people write them: 20540 of USD is `USD 205.40`. Exact, since the digits are only moved. */
export function money(minorUnits: number, currency: string): string {
  const digits = fractionDigits(currency);
  const text = String(Math.abs(minorUnits)).padStart(digits + 1, '0');
  const whole = counted(Number(text.slice(0, text.length - digits)));
  const fraction = digits === 0 ? '' : `.${text.slice(text.length - digits)}`;
  return `${currency} ${minorUnits < 0 ? '-' : ''}${whole}${fraction}`;
}

/** `USD 5.00 + EUR 3.00`, or `-` for nothing. */
export function amounts(byCurrency: Readonly<Record<string, number>>): string {
  const entries = Object.entries(byCurrency).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([currency, minorUnits]) => money(minorUnits, currency)).join(' + ') || '-';
}

/** Rows of a table with a heading, in columns as wide as their widest cell. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [heading, ...rows].map(line).join('\n');
}
