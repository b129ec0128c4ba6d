import type { IncomingHttpHeaders, Server } from 'node:http';
import dynalite from 'dynalite';
import { buildApp } from 'fauxqs';
import kinesalite from 'kinesalite';
import type { TableCounts } from '../dynamodb/counts.ts';
import { TableObserver } from '../dynamodb/observer.ts';
import type { QueueSnapshot } from '../metrics/queue-feed.ts';
import { dispatchTo, type Exchange, type FaultHook, type Front, startFront } from './front.ts';
import { allowLongRetention } from './kinesis-limits.ts';
import { faultQueues } from './messaging-faults.ts';
import { inspectQueues } from './queues.ts';

export const REGION = 'us-east-1';
export const ACCOUNT_ID = '000000000000';

/** Base URLs, all on 127.0.0.1. SQS, SNS and S3 share a port. */
export interface Endpoints {
  readonly kinesis: string;
  readonly dynamodb: string;
  readonly sqs: string;
  readonly sns: string;
  readonly s3: string;
}

/** Ports to take instead of free ones. */
export interface Ports {
  readonly kinesis?: number;
  readonly dynamodb?: number;
  /** Port of SQS, SNS and S3. */
  readonly messaging?: number;
  /** Port of Lambda's API for event source mappings. */
  readonly lambda?: number;
  /** Port of CloudWatch's API. */
  readonly cloudwatch?: number;
  /** Port of CloudWatch Logs' API. */
  readonly logs?: number;
}

/** The emulated services of this process, empty at first and in memory only. */
export interface Emulators {
  readonly endpoints: Endpoints;
  /** What was asked of a table, by its physical name. */
  tableCounts(table: string): TableCounts;
  /** From now on `hook` decides on each request to Kinesis, DynamoDB and SQS; without one all pass. */
  setFaultHook(hook?: FaultHook): void;
  /** From now on `watcher` is told of every answered request to Kinesis and DynamoDB. */
  observe(watcher: (exchange: Exchange) => void): void;
  /** Every queue as it is now; no consumer notices. */
  queues(): Promise<readonly QueueSnapshot[]>;
  /** Cuts what is open and frees the ports. */
  stop(): Promise<void>;
}

/** Far more than a test or a demonstration needs; kinesalite's default of 10 is the quota of a new account. */
const SHARD_LIMIT = 1000;

/**
 * Starts Kinesis (kinesalite), DynamoDB (dynalite) and SQS, SNS and S3 (fauxqs) in this process, on loopback only.
 *
 * @throws if a port is taken; what had started by then is stopped.
 */
export async function startEmulators(ports: Ports = {}): Promise<Emulators> {
  let hook: FaultHook = () => 'pass';
  const fault: FaultHook = (request) => hook(request);
  let watcher: (exchange: Exchange) => void = () => undefined;
  const observe = (exchange: Exchange): void => watcher(exchange);
  const observer = new TableObserver(
    dispatchTo(inRegion(() => dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }))),
  );
  allowLongRetention();
  const kinesis = dispatchTo(
    inRegion(() => kinesalite({ createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: SHARD_LIMIT })),
  );
  const fronts = await all([
    startFront('kinesis', kinesis, { fault, observe, ...port(ports.kinesis) }),
    startFront('dynamodb', observer.dispatch, { fault, observe, ...port(ports.dynamodb) }),
    startMessaging(fault, ports.messaging),
  ]);
  const [atKinesis, atDynamodb, atMessaging] = fronts as [Front, Front, Messaging];
  const { url } = atMessaging;
  return {
    endpoints: { kinesis: atKinesis.url, dynamodb: atDynamodb.url, sqs: url, sns: url, s3: url },
    tableCounts: (table) => observer.counts(table),
    queues: () => atMessaging.queues(),
    setFaultHook: (next = () => 'pass') => {
      hook = next;
    },
    observe: (next) => {
      watcher = next;
    },
    stop: async () => {
      await Promise.all(fronts.map((front) => front.close()));
    },
  };
}

/** fauxqs's own `startFauxqs` listens on every interface of the machine whatever host it is given. */
async function startMessaging(fault: FaultHook, port = 0): Promise<Messaging> {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  faultQueues(app, fault);
  // Its queue URLs name a subdomain of localhost, which not every machine resolves.
  app.addHook('onSend', async (request: { headers: IncomingHttpHeaders }, _reply: unknown, payload: unknown) => {
    if (typeof payload !== 'string' || !ANSWERS_QUEUE_URLS.has(String(request.headers['x-amz-target']))) return payload;
    return payload.replaceAll(/http:\/\/sqs\.[a-z0-9-]+\.localhost(?=[:/])/g, 'http://127.0.0.1');
  });
  const url = await app.listen({ port, host: '127.0.0.1' });
  return { url, close: () => app.close(), queues: () => inspectQueues(app) };
}

interface Messaging extends Front {
  queues(): Promise<readonly QueueSnapshot[]>;
}

const port = (given: number | undefined) => (given === undefined ? {} : { port: given });

const ANSWERS_QUEUE_URLS = new Set(['AmazonSQS.CreateQueue', 'AmazonSQS.GetQueueUrl', 'AmazonSQS.ListQueues']);

/** kinesalite and dynalite take the region and account of their ARNs from the environment of the moment. */
function inRegion(create: () => Server): Server {
  const { AWS_REGION: region, AWS_ACCOUNT_ID: account } = process.env;
  Object.assign(process.env, { AWS_REGION: REGION, AWS_ACCOUNT_ID: ACCOUNT_ID });
  try {
    return create();
  } finally {
    restore('AWS_REGION', region);
    restore('AWS_ACCOUNT_ID', account);
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** All of them, or none: if one fails to start, those that did are closed. */
async function all(starting: readonly Promise<Front>[]): Promise<Front[]> {
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return started;
  await Promise.all(started.map((front) => front.close()));
  throw failed.reason;
}
