import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { AdapterManifest } from '../../lambdas/core/adapter.ts';
import type { StreamManifest, SystemManifest } from '../../lambdas/core/manifest.ts';
import type { Settings, Stage } from '../config.ts';
import { AlarmTopic } from '../constructs/alarm-topic.ts';
import { CheckpointTable } from '../constructs/checkpoint-table.ts';
import { DataKey } from '../constructs/data-key.ts';
import { AccessLogs, DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import { type EventSource, EventStream, type StreamCapacity } from '../constructs/event-stream.ts';
import { MonthlyBudget } from '../constructs/monthly-budget.ts';
import { OperationsKey } from '../constructs/operations-key.ts';
import { ParkingQueue } from '../constructs/parking-queue.ts';
import { SchemaRegistry } from '../constructs/schema-registry.ts';
import { StateTable } from '../constructs/state-table.ts';
import { given } from '../given.ts';
import { readSchemas } from '../schema-files.ts';
import { existingKey, existingStream, principal } from './existing.ts';
import { pascal, STATEFUL_OUTPUTS } from './outputs.ts';
import { synthesizer } from './synthesizer.ts';
import { stageTag } from './tags.ts';

export interface SystemState {
  readonly table: StateTable;
  readonly checkpoints: CheckpointTable;
  readonly deadLetters: DeadLetterQueue;
  readonly onFailureQueue: IQueue;
}

export interface StatefulStackProps extends StackProps {
  readonly stage: Stage;
  readonly streams: readonly StreamManifest[];
  readonly systems: readonly SystemManifest[];
}

/** Everything that holds data: it survives whatever happens to the code, and is deployed first. */
export class StatefulStack extends Stack {
  /** By logical name. */
  readonly streams: ReadonlyMap<string, EventSource>;
  /** By system. */
  readonly systems: ReadonlyMap<string, SystemState>;
  /** By logical name. */
  readonly alertQueues: ReadonlyMap<string, IQueue>;

  /** Every version of every event type. */
  readonly schemaRegistry: SchemaRegistry;
  /** Encrypts logs and alarm notifications. */
  readonly operationsKey: IKey;
  /** Where alarms go. */
  readonly alarmTopic: ITopic;

  readonly #stage: Stage;
  readonly #settings: Settings;
  readonly #removalPolicy: RemovalPolicy;
  readonly #key: IKey;
  readonly #accessLogs: AccessLogs;

  constructor(scope: Construct, id: string, props: StatefulStackProps) {
    super(scope, id, { ...props, synthesizer: synthesizer(props.stage.settings) });
    this.#stage = props.stage;
    this.#settings = props.stage.settings;
    this.#removalPolicy = this.#settings.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.#key = this.dataKey();
    this.operationsKey = this.keyOfOperations();
    this.alarmTopic = this.topic();
    this.budget();
    this.#accessLogs = new AccessLogs(this, 'AccessLogs', { removalPolicy: this.#removalPolicy });
    this.streams = new Map(props.streams.map((stream) => [stream.name, this.stream(stream)]));
    const alertQueues = [...new Set(props.systems.flatMap((system) => system.alertQueues))];
    this.alertQueues = new Map(alertQueues.map((name) => [name, this.alertQueue(name)]));
    this.systems = new Map(props.systems.map((system) => [system.name, this.system(system)]));
    this.schemaRegistry = this.registry();
  }

  private dataKey(): IKey {
    const { dataKeyArn } = this.#settings;
    if (dataKeyArn !== undefined) return existingKey(this, 'DataKey', dataKeyArn);
    const description = `Data of Millrace, stage ${this.#stage.name}`;
    return new DataKey(this, 'DataKey', { description, removalPolicy: this.#removalPolicy });
  }

  private keyOfOperations(): IKey {
    const { operationsKeyArn } = this.#settings;
    return operationsKeyArn === undefined
      ? new OperationsKey(this, 'OperationsKey', { removalPolicy: this.#removalPolicy })
      : existingKey(this, 'OperationsKey', operationsKeyArn);
  }

  private budget(): void {
    const { monthlyBudgetUsd, budgetScope } = this.#settings;
    if (monthlyBudgetUsd === undefined) return;
    new MonthlyBudget(this, 'Budget', {
      usd: monthlyBudgetUsd,
      topic: this.alarmTopic,
      encryptionKey: this.operationsKey,
      ...(budgetScope === 'stage' ? { tag: stageTag(this.#stage.name) } : {}),
    });
  }

  private topic(): ITopic {
    const arn = this.#settings.alarmTopicArn;
    const topic =
      arn === undefined
        ? new AlarmTopic(this, 'Alarms', { encryptionKey: this.operationsKey }).topic
        : Topic.fromTopicArn(this, 'Alarms', arn);
    this.output(STATEFUL_OUTPUTS.alarmTopicArn, topic.topicArn);
    return topic;
  }

  private stream(manifest: StreamManifest): EventSource {
    const { name } = manifest;
    const id = `${pascal(name)}Stream`;
    const theirs = this.#settings.existingStreams?.[name];
    const source = theirs === undefined ? this.ownStream(id, manifest) : existingStream(this, id, manifest, theirs);
    this.output(STATEFUL_OUTPUTS.streamName(name), source.stream.streamName);
    return source;
  }

  private ownStream(id: string, { name, kplProducers, adapter }: StreamManifest): EventStream {
    return new EventStream(this, id, {
      logicalName: name,
      kplProducers,
      capacity: capacity(this.#settings),
      retention: Duration.days(this.#settings.retentionDays),
      encryptionKey: this.#key,
      producers: (this.#settings.producers?.[name] ?? []).map(principal),
      removalPolicy: this.#removalPolicy,
      ...given<{ streamName: string; adapter: AdapterManifest }>({ streamName: this.physical(name), adapter }),
    });
  }

  private system({ name, indexes }: SystemManifest): SystemState {
    const id = pascal(name);
    const protection = {
      encryptionKey: this.#key,
      recoveryDays: this.#settings.recoveryDays,
      deletionProtection: this.#settings.protectData,
      removalPolicy: this.#removalPolicy,
    };
    const table = new StateTable(this, `${id}Table`, { ...protection, indexes, ...this.tableName(name) });
    const checkpoints = new CheckpointTable(this, `${id}Checkpoints`, {
      ...protection,
      ...this.tableName(`${name}-checkpoints`),
    });
    const deadLetters = new DeadLetterQueue(this, `${id}DeadLetters`, {
      ...this.parking(`${name}-dead-letters`),
      accessLogs: this.#accessLogs.bucket,
    });
    const onFailureQueue = new ParkingQueue(this, `${id}OnFailureQueue`, this.parking(`${name}-on-failure`));
    this.output(STATEFUL_OUTPUTS.tableName(name), table.table.tableName);
    this.output(STATEFUL_OUTPUTS.checkpointTableName(name), checkpoints.table.tableName);
    this.output(STATEFUL_OUTPUTS.deadLetterQueueUrl(name), deadLetters.queue.queueUrl);
    this.output(STATEFUL_OUTPUTS.deadLetterBucketName(name), deadLetters.payloads.bucketName);
    this.output(STATEFUL_OUTPUTS.onFailureQueueUrl(name), onFailureQueue.queueUrl);
    return { table, checkpoints, deadLetters, onFailureQueue };
  }

  private registry(): SchemaRegistry {
    const { name } = this.#stage;
    const registry = new SchemaRegistry(this, 'SchemaRegistry', {
      registryName: this.physical('events') ?? `millrace-${name}-events`,
      description: `Event types of Millrace, stage ${name}`,
      schemas: readSchemas(),
      removalPolicy: this.#removalPolicy,
    });
    this.output(STATEFUL_OUTPUTS.schemaRegistryName, registry.registryName);
    return registry;
  }

  private alertQueue(name: string): IQueue {
    const queue = new ParkingQueue(this, `${pascal(name)}AlertQueue`, this.parking(name));
    this.output(STATEFUL_OUTPUTS.alertQueueUrl(name), queue.queueUrl);
    return queue;
  }

  private parking(name: string) {
    return {
      encryptionKey: this.#key,
      removalPolicy: this.#removalPolicy,
      ...given<{ queueName: string }>({ queueName: this.physical(name) }),
    };
  }

  private tableName(name: string) {
    return given<{ tableName: string }>({ tableName: this.physical(name) });
  }

  /** The physical name of what is called `name`, if the stage names its resources at all. */
  private physical(name: string): string | undefined {
    const prefix = this.#settings.namePrefix;
    return prefix === undefined ? undefined : `${prefix}-${this.#stage.name}-${name}`;
  }

  private output(key: string, value: string): void {
    new CfnOutput(this, key, { value });
  }
}

function capacity({ streamMode, shards }: Settings): StreamCapacity {
  return streamMode === 'provisioned' && shards !== undefined ? { mode: 'provisioned', shards } : { mode: 'on-demand' };
}
