import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Evidence } from './unread.ts';

const MINUTE_MS = 60_000;

/** How far back a minute with a value is looked for. Older ones say nothing of what happens now. */
const WINDOW_MS = 5 * MINUTE_MS;

/**
 * Lambda's iterator age of a function in the last minute, up to `untilMs`, that had one: the largest, of the slowest lane. Undefined if
 * nothing was invoked lately.
 */
export async function iteratorAgeOf(
  cloudwatch: CloudWatchClient,
  functionName: string,
  untilMs: number,
): Promise<Evidence['iteratorAge']> {
  const { MetricDataResults: [result] = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(untilMs - WINDOW_MS),
      // Metrics are kept by the minute in which they fall.
      EndTime: new Date(untilMs + MINUTE_MS),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [
        {
          Id: 'age',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Lambda',
              MetricName: 'IteratorAge',
              Dimensions: [{ Name: 'FunctionName', Value: functionName }],
            },
            Period: MINUTE_MS / 1_000,
            Stat: 'Maximum',
          },
        },
      ],
    }),
  );
  const at = result?.Timestamps?.[0]?.getTime();
  const ms = result?.Values?.[0];
  return at === undefined || ms === undefined ? undefined : { atMs: at, ms };
}
