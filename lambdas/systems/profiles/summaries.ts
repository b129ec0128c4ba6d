import { type EventSummary, type SummaryWords, summaryOf } from '../../core/summary.ts';
import { erasureRequested, itemAdded, itemRemoved, orderPurchased, pageViewed, profileUpdated } from './events.ts';

type Amounts = Readonly<Record<string, number>>;

const amounts = (byCurrency: Amounts, { money }: SummaryWords): string =>
  Object.entries(byCurrency)
    .map(([currency, sum]) => money(sum, currency))
    .join(' + ') || 'nothing';

const pieces = (count: number): string => `${count} ${count === 1 ? 'piece' : 'pieces'}`;

/** What the live view says of each event. */
export const profileSummaries: readonly EventSummary[] = [
  summaryOf(pageViewed, ({ productId, path }, { subject }) => {
    return `user ${subject} looked at ${productId ?? path ?? 'a page'}`;
  }),
  summaryOf(itemAdded, ({ productId, quantity, unitPrice, currency }, { subject, money }) => {
    return `user ${subject} added ${quantity} × ${productId} at ${money(unitPrice, currency)}`;
  }),
  summaryOf(itemRemoved, ({ productId, quantity }, { subject }) => {
    return `user ${subject} removed ${quantity === undefined ? 'every' : `${quantity} ×`} ${productId}`;
  }),
  summaryOf(orderPurchased, ({ total, currency, lines }, { subject, money }) => {
    const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return `user ${subject} bought ${pieces(count)} for ${money(total, currency)}`;
  }),
  summaryOf(erasureRequested, (_, { subject }) => `user ${subject} wants to be forgotten`),
  summaryOf(profileUpdated, (profile, words) => {
    if (profile.status === 'erased') return `user ${words.subject} was erased`;
    const { segment, totalSpend, cartValue } = profile;
    return `user ${words.subject} is in segment ${segment}, spent ${amounts(totalSpend, words)}, has ${amounts(cartValue, words)} in the cart`;
  }),
];
