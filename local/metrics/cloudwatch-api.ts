import type { Dispatch } from '../emulators/front.ts';
import { type JsonService, jsonApi } from '../emulators/json-api.ts';
import type { AlarmBook } from './alarm-book.ts';
import { describeAlarms } from './describe-alarms.ts';
import { getMetricData, listMetrics } from './metric-data.ts';
import type { MetricStore } from './store.ts';

/** What the API reads. */
export interface CloudWatchState {
  readonly store: MetricStore;
  readonly book: AlarmBook;
}

const SERVICE: JsonService<CloudWatchState> = {
  name: 'CloudWatch',
  version: '1.0',
  invalidInput: 'InvalidParameterValueException',
  operations: { DescribeAlarms: describeAlarms, GetMetricData: getMetricData, ListMetrics: listMetrics },
};

/**
 * CloudWatch's API in the AWS JSON 1.0 protocol, which the SDK for JavaScript speaks: DescribeAlarms, GetMetricData and
 * ListMetrics. Any other operation, and any member that is not carried out, is refused by name.
 */
export const cloudWatchApi = (state: CloudWatchState): Dispatch => jsonApi(SERVICE, state);
