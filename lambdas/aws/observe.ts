import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS, REASON_DIMENSION } from '../core/names.ts';
import type { BatchReport } from '../runtime/report.ts';

/** Most anomalies of one batch that are logged one by one. */
const MOST_LINES = 10;

/** Emits a batch's metrics. Counts of nothing are left out, but for those whose absence would look like an outage. */
export function emitMetrics(metrics: Metrics, { counts, rejectedByCode, freshnessMs }: BatchReport): void {
  const always: readonly string[] = ['records', 'applied', 'puts', 'putsBound', 'blockedKeys'];
  for (const [name, count] of Object.entries(counts)) {
    if (count > 0 || always.includes(name)) {
      metrics.addMetric(METRICS[name as keyof typeof counts], MetricUnit.Count, count);
    }
  }
  const fromFuture = rejectedByCode.get('event.from-future');
  if (fromFuture !== undefined) metrics.addMetric(METRICS.fromFuture, MetricUnit.Count, fromFuture);
  const misrouted = rejectedByCode.get('event.misrouted');
  if (misrouted !== undefined) metrics.addMetric(METRICS.misrouted, MetricUnit.Count, misrouted);
  for (const ms of freshnessMs) metrics.addMetric(METRICS.freshness, MetricUnit.Milliseconds, ms);
  metrics.publishStoredMetrics();
  for (const [code, count] of rejectedByCode) {
    const single = metrics.singleMetric();
    single.addDimension(REASON_DIMENSION, code);
    single.addMetric(METRICS.rejected, MetricUnit.Count, count);
  }
}

/** Where a batch lies in its stream: Lambda never mixes shards. */
export interface BatchRange {
  readonly shard: string;
  readonly firstSequence: string;
  readonly lastSequence: string;
}

/**
 * One line a batch, by whose range an event's invocations are found, and one an anomaly, up to a bound. Never one an event, and no
 * personal data.
 */
export function logBatch(logger: Logger, report: BatchReport, range: BatchRange | undefined): void {
  const { counts, rejectedByCode, failedFrom, blocked, warnings } = report;
  const summary = { ...range, ...counts, rejectedByCode: Object.fromEntries(rejectedByCode), failedFrom };
  if (failedFrom === undefined) logger.info('batch folded', summary);
  else logger.warn('batch folded in part', summary);
  for (const key of blocked.slice(0, MOST_LINES)) logger.error('key blocked', details(key));
  if (blocked.length > MOST_LINES) logger.error('more keys blocked', { keys: blocked.length - MOST_LINES });
  for (const warning of warnings.slice(0, MOST_LINES)) logger.warn('not done, and not needed', details(warning));
}

/** The logger keeps `message` for itself, and drops it from whatever is logged besides. */
const details = <T extends { readonly message: string }>({ message, ...rest }: T) => ({ ...rest, cause: message });
