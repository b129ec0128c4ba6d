import decrease from 'kinesalite/validations/decreaseStreamRetentionPeriod.js';
import increase from 'kinesalite/validations/increaseStreamRetentionPeriod.js';

/** Kinesis's limit (API Reference, IncreaseStreamRetentionPeriod: 8,760 hours). */
const MOST_RETENTION_HOURS = 8_760;

/** kinesalite knows the limit of 168 hours that Kinesis had before; its checks are data, which this process shares. */
export function allowLongRetention(): void {
  for (const { types } of [increase, decrease]) types.RetentionPeriodHours.lessThanOrEqual = MOST_RETENTION_HOURS;
}
