import { type EventSummary, summaryOf } from '../../core/summary.ts';
import { elementClicked } from './events.ts';

/** What the live view says of clicks. */
export const activitySummaries: readonly EventSummary[] = [
  summaryOf(elementClicked, ({ element, path, productId }, { subject }) => {
    const where = productId === undefined ? (path ?? 'a page') : productId;
    return `user ${subject} clicked ${element} on ${where}`;
  }),
];
