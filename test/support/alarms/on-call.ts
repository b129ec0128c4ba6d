import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { STATEFUL_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import type { StateValue } from '../../../local/metrics/alarm.ts';
import { SnsApi } from '../../../local/resources/sns-api.ts';
import { until } from '../until.ts';
import type { Cause } from './cause.ts';
import type { AlarmWorld } from './world.ts';

const MINUTE_MS = 60_000;
/** More minutes than the longest window of an alarm. */
const MOST_MINUTES = 400;
/** Quiet minutes after a repair that pass one by one, before they pass ten at a time. */
const SINGLE_MINUTES = 20;

/** Whoever watches the alarms of a world, and is told by their topic. */
export class OnCall {
  readonly #world: AlarmWorld;
  readonly #queueUrl: string;
  /** Alarms and their new states, as the topic has told them. */
  #told: string[] = [];

  private constructor(world: AlarmWorld, queueUrl: string) {
    this.#world = world;
    this.#queueUrl = queueUrl;
  }

  /** Subscribes to the topic. */
  static async of(world: AlarmWorld): Promise<OnCall> {
    const { clients, endpoints } = world.cloud;
    const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'on-call' }));
    const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    const { Attributes } = await clients.sqs.send(attributes);
    const topic = world.stateful(STATEFUL_OUTPUTS.alarmTopicArn);
    await new SnsApi(endpoints.sns).subscribeQueue(topic, String(Attributes?.QueueArn), true);
    return new OnCall(world, QueueUrl);
  }

  /** The physical name of the alarm that a construct makes: its logical id ends with a hash. */
  alarmOf(construct: string): string {
    const pattern = new RegExp(`^${construct.replace('/', '')}[0-9A-F]{8}$`);
    const found = this.#world.cloud.alarms.filter(({ logicalId }) => pattern.test(logicalId));
    if (found.length !== 1) throw new Error(`the stacks have ${found.length} alarms ${construct}`);
    return String(found[0]?.name);
  }

  stateOf(name: string): StateValue {
    return this.#world.cloud.alarmBook.state(name).value;
  }

  /** Drives an alarm to ALARM by its cause and back by the repair. Resolves once the topic has told of both. */
  async drive(construct: string, cause: Cause): Promise<void> {
    const name = this.alarmOf(construct);
    await this.#untilState(name, 'OK', cause.healthy);
    this.#told = [];
    try {
      await cause.first?.();
      await this.#untilState(name, 'ALARM', cause.trouble);
      await this.#untilTold(`${name} ALARM`);
    } finally {
      // Also where the alarm stays quiet: the next one begins in a world that works.
      await cause.repair();
    }
    await this.#untilState(name, 'OK', cause.healthy);
    await this.#untilTold(`${name} OK`);
  }

  /** Lets minutes pass, each with what happens in it, until the alarm has the state. */
  async #untilState(name: string, state: StateValue, inEachMinute: Cause['trouble']): Promise<void> {
    for (let minute = 0; this.stateOf(name) !== state; ) {
      if (minute > MOST_MINUTES) throw new Error(`${name} is still ${this.stateOf(name)} after ${minute} minutes`);
      await inEachMinute?.();
      await this.#world.idle();
      const step = state === 'OK' && inEachMinute === undefined && minute >= SINGLE_MINUTES ? 10 : 1;
      await this.#minutesPass(step);
      minute += step;
    }
  }

  /** The minute ends, and the alarms are evaluated; a longer step leaves minutes without anything. */
  async #minutesPass(minutes: number): Promise<void> {
    const { clock, cloud } = this.#world;
    await cloud.monitor.sample();
    await clock.advanceTo((Math.floor(clock.now() / MINUTE_MS) + minutes) * MINUTE_MS + 1_000);
    await cloud.monitor.evaluate();
  }

  #untilTold(what: string): Promise<void> {
    return until(async () => {
      this.#told.push(...(await this.#receive()));
      return this.#told.includes(what);
    });
  }

  async #receive(): Promise<readonly string[]> {
    const { sqs } = this.#world.cloud.clients;
    const QueueUrl = this.#queueUrl;
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return [];
    const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return Messages.map(({ Body = '' }) => {
      const { AlarmName, NewStateValue } = JSON.parse(Body);
      return `${AlarmName} ${NewStateValue}`;
    });
  }
}
