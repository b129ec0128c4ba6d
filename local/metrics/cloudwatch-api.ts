import { z } from 'zod';
import type { ApiRequest, ApiResponse, Dispatch } from '../emulators/front.ts';
import { operationOf } from '../emulators/front.ts';
import type { AlarmBook } from './alarm-book.ts';
import { CloudWatchError } from './cloudwatch-error.ts';
import { describeAlarms } from './describe-alarms.ts';
import { getMetricData, listMetrics } from './metric-data.ts';
import type { MetricStore } from './store.ts';

/** What the API reads. */
export interface CloudWatchState {
  readonly store: MetricStore;
  readonly book: AlarmBook;
}

type Operation = (state: CloudWatchState, input: unknown) => object;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeAlarms: describeAlarms,
  GetMetricData: getMetricData,
  ListMetrics: listMetrics,
};

/**
 * CloudWatch's API in the AWS JSON 1.0 protocol, which the SDK for JavaScript speaks: DescribeAlarms, GetMetricData and
 * ListMetrics. Any other operation, and any member that is not carried out, is refused by name.
 */
export const cloudWatchApi =
  (state: CloudWatchState): Dispatch =>
  async (request) => {
    try {
      return answer(200, carryOut(state, request));
    } catch (error) {
      if (error instanceof CloudWatchError) return answer(400, { __type: error.code, message: error.message });
      if (error instanceof z.ZodError) return answer(400, invalid(z.prettifyError(error)));
      throw error;
    }
  };

function carryOut(state: CloudWatchState, request: ApiRequest): object {
  const name = operationOf(request);
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation) return operation(state, JSON.parse(request.body.toString() || '{}'));
  const known = Object.keys(OPERATIONS).join(', ');
  const asked = name || `the protocol of this request (${request.headers['content-type'] ?? 'no content type'})`;
  throw new CloudWatchError(
    'UnknownOperationException',
    `the local CloudWatch does not know ${asked}; it has ${known}`,
  );
}

const invalid = (message: string) => ({ __type: 'InvalidParameterValueException', message });

const answer = (status: number, body: object): ApiResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(body)),
});
