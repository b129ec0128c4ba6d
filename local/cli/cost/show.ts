import { counted, table } from '../format.ts';
import type { Cost } from './command.ts';

/** The bill of a month with its reasons, and what dominates it. */
export function describeCost(cost: Cost): string {
  const { stage, eventsPerSecond, eventBytes, region, lines, shardsPerStream, eventsPerBatch } = cost;
  const [dearest] = lines;
  return [
    `Stage ${stage} at ${counted(eventsPerSecond)} events/s of ${counted(eventBytes)} bytes, day and night, at list prices of ${region}`,
    '',
    `  ${usd(cost.perMonthUsd)} a month; ${usd(cost.perMillionEventsUsd)} for each further million events`,
    ...(dearest === undefined ? [] : [`  ${dearest.what} dominates: ${percent(dearest.share)} (${dearest.how})`]),
    '',
    table(
      ['USD a month', 'share', 'what', 'how'],
      lines.map(({ usd: price, share, what, how }) => [
        price.toFixed(2).padStart(11),
        percent(share).padStart(5),
        what,
        how,
      ]),
    ),
    '',
    `Batches of ${eventsPerBatch.toFixed(1)} events, ${counted(shardsPerStream)} shards for each of two streams, no head-room.`,
    'Not in it: rows at rest and their backups, X-Ray, the REST API, requests to KMS, and the time in which functions wait for DynamoDB.',
    'Arithmetic, not a bill: see docs/cost.md for prices and docs/performance.md for what was measured.',
  ].join('\n');
}

const usd = (value: number): string =>
  `USD ${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
