import type { StateValue } from './alarm.ts';
import type { MetricAlarmProperties } from './alarm-definition.ts';
import type { TimeSeries } from './math/evaluate.ts';

/** What decides about the state of an alarm besides its data. */
export type EvaluationSettings = Pick<
  MetricAlarmProperties,
  'ComparisonOperator' | 'Threshold' | 'EvaluationPeriods' | 'DatapointsToAlarm' | 'TreatMissingData'
>;

/**
 * Data points that are fetched beyond the evaluation periods, to stand in for missing ones. CloudWatch's own number
 * depends on the period; its documented examples have two.
 */
const SPARE_POINTS = 2;

/** Data points that {@link nextState} wants: CloudWatch's "evaluation range". */
export const evaluationRange = ({ EvaluationPeriods }: EvaluationSettings): number => EvaluationPeriods + SPARE_POINTS;

/**
 * The state that follows from the data points of the evaluation range, oldest first.
 *
 * Real data points count before missing ones, which are filled in only as often as needed (User Guide, "Configuring how
 * CloudWatch alarms treat missing data"; the tests run its two tables). Where what is missing could still tip the scale
 * and is to be ignored, the state stays; where it is only `missing`, the alarm goes off if even its oldest real data
 * point is as old as the data points to alarm and all real ones breach ("Avoiding premature transitions to alarm state").
 */
export function nextState(settings: EvaluationSettings, points: TimeSeries, current: StateValue): StateValue {
  const { EvaluationPeriods: periods, TreatMissingData: treatment } = settings;
  const needed = settings.DatapointsToAlarm ?? periods;
  const real = points.filter((point) => point !== undefined).slice(-periods);
  if (real.length === 0) return withoutData(treatment, current);
  const breaching = real.filter((value) => breaches(settings, value)).length;
  if (breaching >= needed) return 'ALARM';
  const missing = periods - real.length;
  if (missing === 0 || treatment === 'notBreaching') return 'OK';
  if (treatment === 'breaching') return breaching + missing >= needed ? 'ALARM' : 'OK';
  if (breaching < real.length) return 'OK';
  const oldest = points.length - points.findIndex((point) => point !== undefined);
  return treatment === 'missing' && oldest >= needed ? 'ALARM' : current;
}

/** Whether a value is on the wrong side of the threshold. */
export function breaches({ ComparisonOperator, Threshold }: EvaluationSettings, value: number): boolean {
  switch (ComparisonOperator) {
    case 'GreaterThanThreshold':
      return value > Threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= Threshold;
    case 'LessThanThreshold':
      return value < Threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= Threshold;
  }
}

function withoutData(treatment: EvaluationSettings['TreatMissingData'], current: StateValue): StateValue {
  switch (treatment) {
    case 'missing':
      return 'INSUFFICIENT_DATA';
    case 'ignore':
      return current;
    case 'breaching':
      return 'ALARM';
    case 'notBreaching':
      return 'OK';
  }
}
