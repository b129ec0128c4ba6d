import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../lib/stacks/outputs.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { apiFeed, functionFeed, logFeed, mappingFeed } from '../../local/metrics/feeds.ts';
import { SnsApi } from '../../local/resources/sns-api.ts';
import { type Synthesis, synthesize } from '../../local/synth.ts';

/**
 * Every alarm of the templates, driven to ALARM by what would cause it, and back. What takes hours passes on a clock that is set ahead; what
 * a service measures by itself, and nothing here can bring about in a moment, is told by the feed through which it measures.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let aheadMs = 0;
const clock = {
  now: () => Date.now() + aheadMs,
  at: (timeMs: number, callback: () => void) => {
    const timer = setTimeout(callback, Math.max(0, timeMs - clock.now()));
    return () => clearTimeout(timer);
  },
};

let synthesis: Synthesis;
let cloud: Cloud;
let topicQueue: string;
/** Clients that do not try again, as somebody who is refused. */
let producer: KinesisClient;
let writer: DynamoDBClient;
const stateful = (key: string) => cloud.output(statefulStackName('local'), key);
const stateless = (key: string) => cloud.output(statelessStackName('local'), key);
const deadLetters = () => stateful(STATEFUL_OUTPUTS.deadLetterQueueUrl('profiles'));
const onFailure = () => stateful(STATEFUL_OUTPUTS.onFailureQueueUrl('profiles'));
const functionName = () => stateless(STATELESS_OUTPUTS.functionName('profiles'));

beforeAll(async () => {
  synthesis = await synthesize({ context: { batchingWindowSeconds: 0 } });
  cloud = await startCloud({ assemblyDir: synthesis.directory, clock });
  const once = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  producer = new KinesisClient({ ...once, endpoint: cloud.endpoints.kinesis, requestHandler: new NodeHttpHandler() });
  writer = new DynamoDBClient({ ...once, endpoint: cloud.endpoints.dynamodb });
  const { QueueUrl = '' } = await cloud.clients.sqs.send(new CreateQueueCommand({ QueueName: 'on-call' }));
  topicQueue = QueueUrl;
  const { Attributes } = await cloud.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const sns = new SnsApi(cloud.endpoints.sns);
  await sns.subscribeQueue(stateful(STATEFUL_OUTPUTS.alarmTopicArn), String(Attributes?.QueueArn), true);
});

afterAll(async () => {
  producer.destroy();
  writer.destroy();
  await cloud.stop();
  synthesis[Symbol.dispose]();
});

let sequence = 0;
/** An event of a user, put as a producer puts it. */
async function put(stream: string, { type = 'page.viewed', timeMs = Date.now() } = {}): Promise<void> {
  sequence += 1;
  const event = {
    specversion: '1.0',
    id: `e-${sequence}`,
    source: 'urn:test',
    type,
    time: new Date(timeMs).toISOString(),
    subject: `user-${sequence}`,
    dataschema: `urn:millrace:${type}:1`,
    data: { path: '/' },
  };
  const Records = [{ PartitionKey: event.subject, Data: Buffer.from(JSON.stringify(event)) }];
  const StreamName = stateful(STATEFUL_OUTPUTS.streamName(stream));
  await producer.send(new PutRecordsCommand({ StreamName, Records }));
}

const send = (QueueUrl: string) =>
  cloud.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"from":"a test"}' }));
const purge = (QueueUrl: string) => cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl }));

/** What Lambda measures of the function. */
const lambda = (name: Parameters<ReturnType<typeof functionFeed>>[0], value: number) =>
  functionFeed(cloud.metrics, functionName(), clock.now)(name, value);
/** What Lambda measures of the mapping. */
const mapping = (name: 'IteratorAge' | 'DroppedEventCount', value: number) =>
  mappingFeed(
    cloud.metrics,
    { uuid: stateless(STATELESS_OUTPUTS.mappingId('profiles')), functionName: functionName(), countsEvents: true },
    clock.now,
  )([{ name, value }] as never);
/** A metric of the runtime, as a line of the function's log. */
function logged(name: string, value: number): void {
  const text = JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace('local'),
          Dimensions: [[METRIC_DIMENSION]],
          Metrics: [{ Name: name, Unit: 'Count' }],
        },
      ],
    },
    [METRIC_DIMENSION]: profiles.name,
    [name]: value,
  });
  const refused = (_: string, error: Error): never => {
    throw error;
  };
  logFeed(cloud.metrics, refused, clock.now)({ timestampMs: Date.now(), text } as never);
}
const api = (name: '5xx' | 'Latency', value: number) =>
  apiFeed(cloud.metrics, clock.now)(String(cloud.apis[0]?.apiId), name, value);

/** Refuses such requests for want of throughput while something makes them. */
async function throttled(operations: RegExp, request: () => Promise<unknown>): Promise<void> {
  cloud.setFaultHook(({ operation }) => (operations.test(operation) ? 'throttle' : 'pass'));
  await expect(request()).rejects.toThrow(/throttle/i);
  cloud.setFaultHook();
}
const refusedBy = (stream: string) => () => throttled(/^PutRecords$/, () => put(stream));
const refusedByTable = () =>
  throttled(/^PutItem$/, () =>
    writer.send(
      new PutItemCommand({ TableName: stateful(STATEFUL_OUTPUTS.tableName('profiles')), Item: { id: { S: 'hot' } } }),
    ),
  );

interface Cause {
  /** What begins it. */
  readonly first?: () => unknown;
  /** What happens in each minute of trouble. */
  readonly trouble?: () => unknown;
  /** What somebody does about it. */
  readonly repair?: () => unknown;
  /** What is measured in each minute afterwards, where silence would leave the alarm as it is. */
  readonly healthy?: () => unknown;
}

/** A message in a queue, that is left alone for so long. */
const forgotten = (queueUrl: () => string, ms: number): Cause => ({
  first: async () => {
    await send(queueUrl());
    await cloud.monitor.sample();
    aheadMs += ms;
  },
  repair: () => purge(queueUrl()),
});
const age = (ms: number): Cause => ({
  trouble: () => mapping('IteratorAge', ms),
  healthy: () => mapping('IteratorAge', 0),
});
const stale: Cause = { trouble: () => logged(METRICS.freshness, HOUR_MS) };

/** By the alarm's construct. Events are put first: later the clock is so far ahead that they would seem old. */
const CAUSES: Readonly<Record<string, Cause>> = {
  'ProfilesAlarms/DeadLetters': {
    first: async () => {
      await put('shop', { type: 'no.such-type' });
      await cloud.untilDrained();
    },
    repair: () => purge(deadLetters()),
  },
  'ProfilesAlarms/ClockSkew': {
    trouble: async () => {
      await put('shop', { timeMs: Date.now() + HOUR_MS });
      await cloud.untilDrained();
    },
    repair: () => purge(deadLetters()),
  },
  'ProfilesAlarms/Stalled': {
    first: () => cloud.mappings.forEach((one) => void one.pause()),
    trouble: () => put('shop'),
    repair: async () => {
      for (const one of cloud.mappings) one.resume();
      await cloud.untilDrained();
    },
  },
  'ProfilesAlarms/OnFailure': { first: () => send(onFailure()), repair: () => purge(onFailure()) },
  'ProfilesAlarms/IteratorAgeWarning': age(6 * MINUTE_MS),
  'ProfilesAlarms/IteratorAgeCritical': age(2 * HOUR_MS),
  'ProfilesAlarms/TimeLeft': age(5 * DAY_MS),
  'ProfilesAlarms/Dropped': { trouble: () => mapping('DroppedEventCount', 1) },
  'ProfilesAlarms/Errors': { trouble: () => lambda('Errors', 1) },
  'ProfilesAlarms/Timeouts': { trouble: () => lambda('Duration', MINUTE_MS) },
  'ProfilesAlarms/Throttles': { trouble: () => lambda('Throttles', 1) },
  'ProfilesAlarms/BlockedKeys': { trouble: () => logged(METRICS.blockedKeys, 1) },
  'ProfilesAlarms/BrokenBatches': { trouble: () => logged(METRICS.brokenBatches, 1) },
  'ProfilesAlarms/Stale': { trouble: () => logged(METRICS.brokenBatches, 1) },
  'ProfilesAlarms/TableThrottled': { trouble: refusedByTable },
  'ShopStreamAlarms/WritesThrottled': { trouble: refusedBy('shop') },
  'ShopStreamAlarms/HotShard': { trouble: refusedBy('shop') },
  'ProfileUpdatesStreamAlarms/WritesThrottled': { trouble: refusedBy('profile-updates') },
  'ProfileUpdatesStreamAlarms/HotShard': { trouble: refusedBy('profile-updates') },
  'QueryAlarms/ServerErrors': { trouble: () => api('5xx', 1) },
  'QueryAlarms/Slow': { trouble: () => api('Latency', 2_000), healthy: () => api('Latency', 20) },
  'ProfilesAlarms/FreshnessBurnFast': stale,
  'ProfilesAlarms/FreshnessBurnSlow': stale,
  'ProfilesAlarms/OnFailureAge': forgotten(onFailure, 6 * DAY_MS + HOUR_MS),
  'ProfilesAlarms/DeadLetterAge': forgotten(deadLetters, 10 * DAY_MS + HOUR_MS),
};

/** The physical name of the alarm that a construct makes: its logical id ends with a hash. */
function alarmOf(construct: string): string {
  const pattern = new RegExp(`^${construct.replace('/', '')}[0-9A-F]{8}$`);
  const found = cloud.alarms.filter(({ logicalId }) => pattern.test(logicalId));
  expect(found).toHaveLength(1);
  return String(found[0]?.name);
}

/** The minute ends, and the alarms are evaluated; a longer step leaves minutes without anything. */
async function minutePasses(minutes = 1): Promise<void> {
  await cloud.monitor.sample();
  const nowMs = clock.now();
  aheadMs += (Math.floor(nowMs / MINUTE_MS) + minutes) * MINUTE_MS + 1_000 - nowMs;
  await cloud.monitor.evaluate();
}

/** What the topic has sent since the last look: alarm and new state. */
async function notifications(): Promise<readonly string[]> {
  const seen: string[] = [];
  for (;;) {
    const { Messages = [] } = await cloud.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: topicQueue, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
    );
    if (Messages.length === 0) return seen;
    for (const { Body = '' } of Messages) {
      const { AlarmName, NewStateValue } = JSON.parse(Body);
      seen.push(`${AlarmName} ${NewStateValue}`);
    }
  }
}

/** More minutes than the longest window of an alarm. */
const MOST_MINUTES = 400;

/** Lets minutes pass, each with what happens in it, until the alarm has the state. */
async function until(name: string, state: string, inEachMinute: (() => unknown) | undefined): Promise<void> {
  for (let minute = 0; cloud.alarmBook.state(name).value !== state; ) {
    if (minute > MOST_MINUTES) throw new Error(`${name} is still ${cloud.alarmBook.state(name).value}`);
    await inEachMinute?.();
    const step = inEachMinute === undefined && minute >= 20 ? 10 : 1;
    await minutePasses(step);
    minute += step;
  }
}

test('every alarm of the templates has a cause here', () => {
  expect(Object.keys(CAUSES).map(alarmOf).sort()).toEqual(cloud.alarms.map(({ name }) => name).sort());
});

test.each(Object.entries(CAUSES))(
  '%s goes off by its cause and recovers, and its topic is told of both',
  async (construct, cause) => {
    const name = alarmOf(construct);
    await until(name, 'OK', cause.healthy);
    await notifications();
    await cause.first?.();
    await until(name, 'ALARM', cause.trouble);
    expect(await notifications()).toContain(`${name} ALARM`);
    await cause.repair?.();
    await until(name, 'OK', cause.healthy);
    expect(await notifications()).toContain(`${name} OK`);
  },
);
