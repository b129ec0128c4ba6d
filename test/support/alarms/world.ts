import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  LambdaClient,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { fromAttributes } from '../../../lambdas/core/row.ts';
import { pageViewed } from '../../../lambdas/systems/profiles/events.ts';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../../lib/stacks/outputs.ts';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { REGION } from '../../../local/emulators/emulators.ts';
import type { FaultRequest } from '../../../local/emulators/front.ts';
import type { MappingSettings } from '../../../local/esm/types.ts';
import type { LambdaFunction } from '../../../local/lambda/function.ts';
import { type Synthesis, synthesize } from '../../../local/synth.ts';
import { eventOf } from '../events.ts';
import { SettableClock } from '../settable-clock.ts';
import { until } from '../until.ts';
import { type Deployments, deployments } from './code.ts';

/** The deployed stacks in a local cloud whose clock can be set ahead, and what people do to them. */
export class AlarmWorld implements AsyncDisposable {
  readonly clock: SettableClock;
  readonly cloud: Cloud;
  readonly code: Deployments;
  /** How many events of each user the stream took; without those who were given up. */
  readonly users = new Map<string, number>();
  readonly #synthesis: Synthesis;
  /** Does not try again by itself: what is refused is seen at once. */
  readonly #producer: KinesisClient;
  readonly #lambda: LambdaClient;
  readonly #mappingSettings: MappingSettings;
  #put = 0;
  /** The code of each function as the stacks have it. */
  readonly #deployed = new Map<LambdaFunction, string>();

  private constructor(clock: SettableClock, cloud: Cloud, synthesis: Synthesis, code: Deployments) {
    this.clock = clock;
    this.cloud = cloud;
    this.code = code;
    this.#synthesis = synthesis;
    const base = { region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 };
    const { kinesis, lambda } = cloud.endpoints;
    this.#producer = new KinesisClient({ ...base, endpoint: kinesis, requestHandler: new NodeHttpHandler() });
    this.#lambda = new LambdaClient({ ...base, endpoint: lambda });
    const [mapping] = cloud.mappings;
    if (mapping === undefined) throw new Error('the stacks have an event source mapping');
    this.#mappingSettings = mapping.definition.settings;
    for (const fn of cloud.functions.values()) this.#deployed.set(fn, fn.definition.directory);
  }

  static async start(): Promise<AlarmWorld> {
    const [synthesis, code] = await Promise.all([synthesize({ context: { batchingWindowSeconds: 0 } }), deployments()]);
    const clock = new SettableClock();
    // As often as on AWS, or nearly so, would be most of the test's time.
    const engine = { pollIntervalMs: 20, shardListIntervalMs: 20 };
    const cloud = await startCloud({ assemblyDir: synthesis.directory, clock, engine });
    return new AlarmWorld(clock, cloud, synthesis, code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#producer.destroy();
    this.#lambda.destroy();
    await this.cloud.stop();
    this.#synthesis[Symbol.dispose]();
    this.code[Symbol.dispose]();
  }

  stateful(key: string): string {
    return this.cloud.output(statefulStackName('local'), key);
  }

  stateless(key: string): string {
    return this.cloud.output(statelessStackName('local'), key);
  }

  /** The function that folds the profiles. */
  get processor(): LambdaFunction {
    return this.#function(this.stateless(STATELESS_OUTPUTS.functionName('profiles')));
  }

  /** The function behind the REST API. */
  get api(): LambdaFunction {
    const [fn] = [...this.cloud.functions.values()].filter((candidate) => candidate !== this.processor);
    if (fn === undefined) throw new Error('the stacks have a REST API');
    return fn;
  }

  #function(name: string): LambdaFunction {
    const fn = this.cloud.functions.get(name);
    if (fn === undefined) throw new Error(`there is no function ${name}`);
    return fn;
  }

  /** Puts what the stacks have in place of whatever was deployed since. */
  rollBack(fn: LambdaFunction): void {
    fn.deploy(String(this.#deployed.get(fn)));
  }

  /**
   * Puts events of one user, each with a new id, as a producer does.
   *
   * @throws whatever Kinesis refuses; the user counts only if it does not.
   */
  async put({ user = `user-${this.#put++}`, count = 1, type = pageViewed.type as string, aheadMs = 0 } = {}) {
    // The stream itself has the machine's time: whoever reads it there must not find events from the future.
    const time = new Date(aheadMs === 0 ? Date.now() : this.clock.now() + aheadMs).toISOString();
    const events = Array.from({ length: count }, () => ({
      ...eventOf(pageViewed, { path: '/' }, { subject: user, time }),
      type,
    }));
    const Records = events.map((event) => ({ PartitionKey: user, Data: Buffer.from(JSON.stringify(event)) }));
    const StreamName = this.stateful(STATEFUL_OUTPUTS.streamName('shop'));
    const { FailedRecordCount } = await this.#producer.send(new PutRecordsCommand({ StreamName, Records }));
    if (FailedRecordCount) throw new Error(`Kinesis refused ${FailedRecordCount} records`);
    this.users.set(user, (this.users.get(user) ?? 0) + count);
    return user;
  }

  /** Puts events and waits until they were delivered to a function that does not fold them. */
  async putInVain(event: Parameters<AlarmWorld['put']>[0] = {}): Promise<void> {
    await this.put(event);
    await until(() => this.cloud.mappings.some((one) => one.status().some(({ buffered }) => buffered > 0)));
  }

  /** Puts an event and waits until it is folded. */
  async putAndFold(event: Parameters<AlarmWorld['put']>[0] = {}): Promise<string> {
    const user = await this.put(event);
    await this.cloud.untilDrained();
    return user;
  }

  /** As far as it goes, time passes until everything that the stream took is folded: what failed before is tried again after a while. */
  async untilFolded(): Promise<void> {
    let folded = false;
    const drained = this.cloud.untilDrained().then(() => {
      folded = true;
    });
    while (!folded) {
      await this.idle();
      await this.clock.advance(1_000);
    }
    await drained;
  }

  /** Nobody waits for this user's events any more. */
  giveUp(user: string): void {
    this.users.delete(user);
  }

  /** How many events each row has folded, by its user: rows of so few events keep all their ids. */
  async folded(): Promise<ReadonlyMap<string, number>> {
    const TableName = this.stateful(STATEFUL_OUTPUTS.tableName('profiles'));
    const { Items = [] } = await this.cloud.clients.documents.send(new ScanCommand({ TableName }));
    return new Map(Items.map(fromAttributes).map(({ key, ids }) => [key, ids.flatMap(({ hashes }) => hashes).length]));
  }

  /** Changes the event source mapping through Lambda's API. */
  async updateMapping(change: Omit<UpdateEventSourceMappingCommandInput, 'UUID'>): Promise<void> {
    const UUID = this.stateless(STATELESS_OUTPUTS.mappingId('profiles'));
    await this.#lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...change }));
  }

  /** Gives the mapping what the stacks say of giving up. */
  restoreMapping(): Promise<void> {
    const { maximumRetryAttempts, onFailureArn } = this.#mappingSettings;
    return this.updateMapping({
      MaximumRetryAttempts: maximumRetryAttempts,
      DestinationConfig: { OnFailure: { Destination: onFailureArn } },
    });
  }

  /** Refuses the next such request for want of throughput, and no other. @returns resolves once that has happened. */
  throttleNext(isMeant: (request: FaultRequest) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.cloud.setFaultHook((request) => {
        if (!isMeant(request)) return 'pass';
        this.cloud.setFaultHook();
        resolve();
        return 'throttle';
      });
    });
  }

  purge(queueUrlKey: string): Promise<unknown> {
    return this.cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: this.stateful(queueUrlKey) }));
  }

  /** Resolves once no function runs: time that jumped meanwhile would count as theirs. */
  idle(): Promise<void> {
    return until(() => [...this.cloud.functions.values()].every(({ inFlight }) => inFlight === 0));
  }
}
