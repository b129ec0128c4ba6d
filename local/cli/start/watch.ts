import { setTimeout as delay } from 'node:timers/promises';
import type { Cloud } from '../../cloud.ts';
import { REGION } from '../../emulators/emulators.ts';
import { counted, plural, seconds } from '../format.ts';
import type { LocalState } from '../local-state.ts';
import type { Output } from '../output.ts';
import { apiEndpoint, curlCommand } from './api-call.ts';
import { Failures, lagOf } from './progress.ts';
import type { ProfilesSystem } from './system.ts';
import { deadLetterCount, tallyOf } from './tally.ts';

const LIVE_MS = 500;
const LOG_MS = 5_000;

/** Shows counts and lag until the signal aborts: on a terminal as one line that lives, elsewhere a line whenever something has changed. */
export async function watch(cloud: Cloud, output: Output, signal: AbortSignal): Promise<void> {
  const failures = new Failures(cloud, output);
  let shown = '';
  while (!signal.aborted) {
    const line = watchLine(cloud);
    if (output.isLive) output.status(line);
    else if (line !== shown) output.log(line);
    shown = line;
    failures.report();
    await pause(output.isLive ? LIVE_MS : LOG_MS, signal);
  }
  output.status('');
}

function watchLine(cloud: Cloud): string {
  const tally = tallyOf(cloud.metrics);
  const { records, ms } = lagOf(cloud);
  return [
    `${counted(tally.applied)} applied`,
    plural(tally.duplicates, 'duplicate'),
    plural(deadLetterCount(tally), 'dead letter'),
    `${counted(records)} under way, ${seconds(ms)} behind`,
  ].join(' · ');
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What other commands of this machine need to know. */
export function localState(cloud: Cloud): LocalState {
  const stacks = [...cloud.stacks].map(([name, { outputs }]) => [name, outputs] as const);
  return { pid: process.pid, region: REGION, endpoints: cloud.endpoints, stacks: Object.fromEntries(stacks) };
}

/**
 * The environment in which any AWS SDK or CLI talks to this cloud, the names of what is in it, and how to ask its REST API.
 *
 * @param path of the API, for an example.
 */
export function describeEndpoints(cloud: Cloud, system: ProfilesSystem, path = '/health'): string {
  const { endpoints } = cloud;
  const variables = {
    AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_CLOUDWATCH: endpoints.cloudwatch,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoints.logs,
    AWS_REGION: REGION,
    // Version 1 of the AWS CLI reads this one.
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  return [
    'The local cloud stays up until Ctrl-C. For any AWS SDK or CLI:',
    '',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${value}`),
    '',
    `Stream        ${system.stream}`,
    `Table         ${system.table}`,
    `Dead letters  ${system.deadLetterQueueUrl}`,
    `REST API      ${apiEndpoint(cloud)}`,
    '',
    'Ask the REST API, whose callers sign their requests:',
    '',
    curlCommand(cloud, path),
  ].join('\n');
}
