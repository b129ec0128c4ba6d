import type { EventSummary } from '../core/summary.ts';
import { activitySummaries } from './activity/summaries.ts';
import { profileSummaries } from './profiles/summaries.ts';

/** One line for people about every event type that has one, by type. */
export const summaries: ReadonlyMap<string, EventSummary> = new Map(
  [...profileSummaries, ...activitySummaries].map((summary) => [summary.type, summary]),
);
