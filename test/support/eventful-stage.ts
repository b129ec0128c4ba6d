import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { CloudEvent } from '../../lambdas/core/event.ts';
import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { orderPurchased, pageViewed } from '../../lambdas/systems/profiles/events.ts';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../lib/stacks/outputs.ts';
import { askApi } from '../../local/cli/api/ask.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { Fault, FaultRequest, Late } from '../../local/emulators/front.ts';
import { type Synthesis, synthesize } from '../../local/synth.ts';
import { eventOf } from './events.ts';
import { until } from './until.ts';

/** What has come about by {@link EventfulStage.run}, known from what was done. */
export const HAPPENED = {
  applied: 329,
  ignored: 1,
  duplicateById: 1,
  rejected: 3,
  misrouted: 1,
  fromFuture: 1,
  versionConflicts: 1,
  ownWritesRecognised: 1,
  youngIdsEvicted: 44,
  effectsResent: 1,
  deadLetters: 3,
  onFailureMessages: 1,
  /** Of each: records into the stream and out of the processor; reads and writes of rows; reads and writes of checkpoints. */
  throttled: 1,
  asked: 4,
  notFound: 1,
  failedToAnswer: 1,
} as const;

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A stage of one shard, in whose first seconds nearly everything happens that dashboards show. */
export class EventfulStage implements AsyncDisposable {
  readonly cloud: Cloud;
  readonly assemblyDir: string;
  readonly startedMs = Date.now();
  /** What the stream took. */
  readonly taken = { records: 0, bytes: 0 };
  readonly #synthesis: Synthesis;
  readonly #producer: KinesisClient;
  /** Each strikes once. */
  #faults: { readonly strikes: (request: FaultRequest) => boolean; readonly fault: () => Fault | Late }[] = [];

  private constructor(synthesis: Synthesis, cloud: Cloud) {
    this.#synthesis = synthesis;
    this.assemblyDir = synthesis.directory;
    this.cloud = cloud;
    // It does not try again, as somebody who is refused.
    this.#producer = new KinesisClient({
      region: 'us-east-1',
      credentials: CREDENTIALS,
      maxAttempts: 1,
      endpoint: cloud.endpoints.kinesis,
      requestHandler: new NodeHttpHandler(),
    });
    cloud.setFaultHook((request) => {
      const nth = this.#faults.findIndex(({ strikes }) => strikes(request));
      return nth < 0 ? 'pass' : (this.#faults.splice(nth, 1)[0]?.fault() ?? 'pass');
    });
  }

  static async start(): Promise<EventfulStage> {
    const context = { batchingWindowSeconds: 0, shards: 1, parallelizationFactor: 1 };
    const synthesis = await synthesize({ context });
    const engine = { pollIntervalMs: 20, shardListIntervalMs: 50, retryBaseMs: 20 };
    return new EventfulStage(synthesis, await startCloud({ assemblyDir: synthesis.directory, engine }));
  }

  stateful(key: string): string {
    return this.cloud.output(statefulStackName('local'), key);
  }

  stateless(key: string): string {
    return this.cloud.output(statelessStackName('local'), key);
  }

  get table(): string {
    return this.stateful(STATEFUL_OUTPUTS.tableName('profiles'));
  }

  get checkpointTable(): string {
    return this.stateful(STATEFUL_OUTPUTS.checkpointTableName('profiles'));
  }

  get functionName(): string {
    return this.stateless(STATELESS_OUTPUTS.functionName('profiles'));
  }

  /** The sum of a metric of the processor. */
  sum(name: keyof typeof METRICS): number {
    const dimensions = { [METRIC_DIMENSION]: 'profiles' };
    return this.cloud.metrics.statistics({ namespace: metricNamespace('local'), name: METRICS[name], dimensions }).sum;
  }

  async run(): Promise<void> {
    await this.#foldSome();
    await this.#contend();
    await this.#breakReducer();
    await this.#ask();
    const QueueUrl = this.stateful(STATEFUL_OUTPUTS.onFailureQueueUrl('profiles'));
    await this.cloud.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    // No event of a stream at all: the handler throws.
    await this.cloud.functions.get(this.functionName)?.invoke({});
    await this.cloud.monitor.sample();
  }

  /** What is applied, repeated, ignored and rejected, past a throttle of each kind. */
  async #foldSome(): Promise<void> {
    this.#throttle('PutRecords', this.stateful(STATEFUL_OUTPUTS.streamName('shop')));
    const view = viewed('ann');
    await this.#put(view).catch((error: Error) => {
      if (error.name !== 'ProvisionedThroughputExceededException') throw error;
    });
    this.#throttle('BatchGetItem', this.table);
    this.#throttle('PutItem', this.table);
    this.#throttle('PutRecords', this.stateful(STATEFUL_OUTPUTS.streamName('profile-updates')));
    await this.#put(view, viewed('ann'), viewed('ann', { millraceto: 'another' }));
    await this.#applied(2);
    this.#throttle('BatchGetItem', this.checkpointTable);
    await this.#put(view, viewed('ben'));
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    await this.#put(viewed('ben', { time: inAnHour }));
    await this.#putRaw([
      ['ben', JSON.stringify(viewed('carl'))],
      ['ben', '?'],
    ]);
    await this.#applied(3);
    await until(() => this.sum('rejected') === HAPPENED.rejected);
  }

  /** A lost answer, another writer, effects that no checkpoint proves, more ids than a row holds. */
  async #contend(): Promise<void> {
    this.#faults.push({ strikes: on('PutItem', this.table), fault: () => 'lose-answer' });
    await this.#put(viewed('dora'));
    await this.#applied(4);
    this.#faults.push({ strikes: on('PutItem', this.table), fault: () => ({ after: this.#overtake('dora') }) });
    await this.#put(viewed('dora'));
    await this.#applied(5);
    this.#throttle('PutItem', this.checkpointTable);
    await this.#put(viewed('emil'));
    await this.#applied(6);
    await this.#put(viewed('emil'));
    await this.#putRaw([['full', JSON.stringify(Array.from({ length: 300 }, () => viewed('full')))]]);
    await this.#applied(307);
  }

  /** A row that no purchase can be added to, so that the reducer throws on most of a batch, until it is mended. */
  async #breakReducer(): Promise<void> {
    await this.#put(bought('rich'));
    await this.#applied(308);
    await this.#spend(Number.MAX_SAFE_INTEGER);
    await this.#putRaw([
      ['rich', JSON.stringify(Array.from({ length: 20 }, () => bought('rich')))],
      ['ann', JSON.stringify(viewed('ann'))],
    ]);
    await until(() => this.sum('duplicateByPosition') > 0);
    await this.#spend(0);
    await this.#applied(HAPPENED.applied);
  }

  async #ask(): Promise<void> {
    const caller = { endpoint: this.stateless(STATELESS_OUTPUTS.apiEndpoint), region: 'us-east-1' };
    const ask = (path: string) => askApi({ ...caller, credentials: CREDENTIALS }, path);
    await ask('/profiles/ann');
    await ask('/profiles/ann');
    await ask('/profiles/nobody');
    const strikes = on('GetItem', this.table);
    for (let n = 0; n < 10; n++) this.#faults.push({ strikes, fault: () => 'drop' });
    await ask('/profiles/ann');
    this.#faults = [];
  }

  #throttle(operation: string, name: string): void {
    this.#faults.push({ strikes: on(operation, name), fault: () => 'throttle' });
  }

  #applied(count: number): Promise<void> {
    const fn = this.cloud.functions.get(this.functionName);
    return until(() => this.sum('applied') === count && fn?.inFlight === 0);
  }

  #put(...events: readonly CloudEvent[]): Promise<void> {
    return this.#putRaw(events.map((event) => [event.subject, JSON.stringify(event)]));
  }

  async #putRaw(records: readonly (readonly [partitionKey: string, data: string])[]): Promise<void> {
    const StreamName = this.stateful(STATEFUL_OUTPUTS.streamName('shop'));
    const Records = records.map(([PartitionKey, data]) => ({ PartitionKey, Data: Buffer.from(data) }));
    await this.#producer.send(new PutRecordsCommand({ StreamName, Records }));
    this.taken.records += Records.length;
    this.taken.bytes += Records.reduce((sum, { Data }) => sum + Data.length, 0);
  }

  /** Writes a row as somebody else would between its read and its put. */
  async #overtake(id: string): Promise<void> {
    await this.#update(id, 'ADD #v :one', { ExpressionAttributeNames: { '#v': '_v' }, values: { ':one': 1 } });
  }

  async #spend(EUR: number): Promise<void> {
    await this.#update('rich', 'SET totalSpend = :spend', { values: { ':spend': { EUR } } });
  }

  async #update(id: string, UpdateExpression: string, { values, ...names }: UpdateParts): Promise<void> {
    const change = { UpdateExpression, ExpressionAttributeValues: values, ...names };
    await this.cloud.clients.documents.send(new UpdateCommand({ TableName: this.table, Key: { id }, ...change }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#producer.destroy();
    await this.cloud.stop();
    this.#synthesis[Symbol.dispose]();
  }
}

interface UpdateParts {
  readonly values: Readonly<Record<string, unknown>>;
  readonly ExpressionAttributeNames?: Record<string, string>;
}

/** Whether a request is about a table or a stream. */
const on =
  (operation: string, name: string) =>
  (request: FaultRequest): boolean => {
    if (request.operation !== operation) return false;
    const { TableName, StreamName, RequestItems = {} } = request.input() as Record<string, object>;
    return [TableName, StreamName, ...Object.keys(RequestItems)].includes(name as never);
  };

const viewed = (subject: string, changes: object = {}): CloudEvent =>
  eventOf(pageViewed, { productId: 'mug' }, { subject, ...changes });

const bought = (subject: string): CloudEvent => {
  const lines = [{ productId: 'mug', quantity: 1, unitPrice: 100 }];
  return eventOf(orderPurchased, { orderId: 'o', currency: 'EUR', total: 100, lines }, { subject });
};
