import { amounts, money, plural, table } from '../format.ts';
import { printable } from '../output.ts';
import type { ActiveProfile, FoundProfile } from './model.ts';

/** Lines of a cart that are shown one by one. */
const MOST_CART_LINES = 5;

/** A profile on several lines. */
export function describeProfile({ id, view, profile }: FoundProfile): string {
  const head = `${printable(id)}  (${profile.status}, version ${view.version})`;
  if (profile.status === 'erased') return `${head}\n  Erased    ${printable(profile.erasedAt)}`;
  const lines = [
    ['Segment', profile.segment],
    ['Spent', `${amounts(profile.totalSpend)} in ${plural(ordersOf(profile), 'order')}`],
    ['Cart', `${amounts(profile.cartValue)} in ${plural(profile.cart.length, 'product')}`],
    ...cartLines(profile),
    ['Seen', `${profile.firstSeen ?? '-'} to ${profile.lastSeen ?? '-'}`],
    ['Recent', profile.recentProducts.map(printable).join(', ') || '-'],
  ];
  return [head, ...lines.map(([name = '', value = '']) => `  ${name.padEnd(8)}  ${value}`)].join('\n');
}

function cartLines({ cart }: ActiveProfile): readonly (readonly string[])[] {
  const lines = cart.slice(0, MOST_CART_LINES).map(({ quantity, productId, unitPrice, currency }) => {
    return ['', `${quantity} × ${printable(productId)} at ${money(unitPrice, currency)}`];
  });
  const left = cart.length - lines.length;
  return left > 0 ? [...lines, ['', `and ${left} more`]] : lines;
}

/** Profiles as a table. */
export function describeProfiles(profiles: readonly FoundProfile[]): string {
  const rows = profiles.map(({ id, profile }) =>
    profile.status === 'erased'
      ? [printable(id), 'erased']
      : [
          printable(id),
          profile.segment,
          amounts(profile.totalSpend),
          String(ordersOf(profile)),
          amounts(profile.cartValue),
          profile.lastSeen ?? '-',
        ],
  );
  return table(['id', 'segment', 'spent', 'orders', 'cart', 'last seen'], rows);
}

const ordersOf = ({ orders }: ActiveProfile): number => Object.values(orders).reduce((sum, count) => sum + count, 0);
