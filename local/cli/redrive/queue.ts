import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { eachLimit } from '../../../lambdas/runtime/attempt.ts';
import { CliError } from '../errors.ts';
import { whyNot } from '../status/section.ts';

/** A message that the run hides from others. */
export interface Held {
  readonly messageId: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly sentMs: number;
}

/** What is needed to give a message back, or to remove it. */
interface Hold {
  readonly receipt: string;
  /** Epoch milliseconds. */
  readonly untilMs: number;
}

/** How long a message stays hidden: whoever dies with it gives it back after this time. */
const HELD_SECONDS = 300;
/** SQS takes ten messages a call. */
const MOST = 10;
/** Calls at a time, where many messages are given back or removed. */
const CALLS = 8;
/** An empty answer to a short poll may be that of a few of SQS's servers; a long poll asks all of them. The local queue is one. */
const WAIT_SECONDS = { service: 1, local: 0 } as const;

/**
 * A queue in which messages wait for a person. Every message that it hands out stays hidden until it is removed or released, for as long
 * as `keep` is called every two minutes.
 */
export class ParkedQueue {
  readonly #client: SQSClient;
  readonly url: string;
  readonly #now: () => number;
  readonly #waitSeconds: number;
  /** Those that are visible soonest come first. Without bodies, which are many. */
  readonly #holds = new Map<string, Hold>();

  constructor(client: SQSClient, url: string, place: keyof typeof WAIT_SECONDS, now: () => number) {
    this.#client = client;
    this.#waitSeconds = WAIT_SECONDS[place];
    this.url = url;
    this.#now = now;
  }

  /** How many messages are held. */
  get held(): number {
    return this.#holds.size;
  }

  /**
   * Up to ten messages that are not held yet, hidden from now on. None, if all that came are held already: SQS may deliver a message more
   * than once. Undefined if none is visible.
   *
   * @throws CliError if the queue cannot be read.
   */
  async receive(): Promise<readonly Held[] | undefined> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: MOST,
      VisibilityTimeout: HELD_SECONDS,
      WaitTimeSeconds: this.#waitSeconds,
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    const untilMs = this.#now() + HELD_SECONDS * 1000;
    const { Messages = [] } = await this.#call('be read', () => this.#client.send(command));
    if (Messages.length === 0) return undefined;
    const fresh = Messages.filter(({ MessageId = '' }) => !this.#holds.has(MessageId));
    for (const { MessageId = '', ReceiptHandle = '' } of Messages) {
      this.#hold(MessageId, { receipt: ReceiptHandle, untilMs });
    }
    return fresh.map(({ MessageId = '', Body = '', Attributes }) => ({
      messageId: MessageId,
      body: Body,
      sentMs: Number(Attributes?.SentTimestamp ?? 0),
    }));
  }

  /** Removes messages for good. Returns how many could not be removed: they come again, and are then known to be done. */
  async remove(messages: readonly Held[]): Promise<number> {
    let failed = 0;
    const ids = messages.map(({ messageId }) => messageId);
    await this.#eachTen(ids, async (holds) => {
      const Entries = holds.map(([, { receipt }], nth) => ({ Id: String(nth), ReceiptHandle: receipt }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries });
      const answer = await this.#call('be relieved of messages', () => this.#client.send(command));
      failed += answer.Failed?.length ?? 0;
      for (const [id] of holds) this.#holds.delete(id);
    });
    return failed;
  }

  /** Makes all messages visible again that were not removed. */
  async release(): Promise<void> {
    await this.#eachTen([...this.#holds.keys()], async (holds) => {
      await this.#hide(holds, 0);
      for (const [id] of holds) this.#holds.delete(id);
    });
  }

  /** Hides anew what would soon be visible again. */
  async keep(): Promise<void> {
    const nowMs = this.#now();
    const ending: string[] = [];
    for (const [id, { untilMs }] of this.#holds) {
      if (untilMs >= nowMs + (HELD_SECONDS * 1000) / 2) break;
      ending.push(id);
    }
    await this.#eachTen(ending, async (holds) => {
      const untilMs = this.#now() + HELD_SECONDS * 1000;
      await this.#hide(holds, HELD_SECONDS);
      for (const [id, { receipt }] of holds) this.#hold(id, { receipt, untilMs });
    });
  }

  /** Messages that somebody else has hidden, about: to be asked before any is received, since SQS counts late. */
  async hiddenByOthers(): Promise<number> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.url,
      AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
    });
    const { Attributes } = await this.#call('be read', () => this.#client.send(command));
    return Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0);
  }

  #hold(id: string, hold: Hold): void {
    this.#holds.delete(id);
    this.#holds.set(id, hold);
  }

  /** What fails here is a message that is gone or that somebody else holds by now: either is as good. */
  async #hide(holds: readonly (readonly [string, Hold])[], VisibilityTimeout: number): Promise<void> {
    const Entries = holds.map(([, { receipt }], nth) => ({
      Id: String(nth),
      ReceiptHandle: receipt,
      VisibilityTimeout,
    }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries });
    await this.#call('be told how long to hide messages', () => this.#client.send(command));
  }

  async #eachTen(
    ids: readonly string[],
    work: (holds: readonly (readonly [string, Hold])[]) => Promise<void>,
  ): Promise<void> {
    const holds = ids.flatMap((id): [string, Hold][] => {
      const hold = this.#holds.get(id);
      return hold === undefined ? [] : [[id, hold]];
    });
    const tens = Array.from({ length: Math.ceil(holds.length / MOST) }, (_, n) =>
      holds.slice(n * MOST, (n + 1) * MOST),
    );
    await eachLimit(tens, CALLS, work);
  }

  async #call<T>(what: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (cause) {
      throw new CliError(`The queue ${this.url} cannot ${what}: ${whyNot(cause)}. Nothing is lost: run it again`, {
        cause,
      });
    }
  }
}

/**
 * Does some work with a queue, and gives back what it holds then, however the work ends. A queue that cannot be used is a failure of the
 * run, which tells what was done before; anything else is thrown.
 */
export async function whileHolding(queue: ParkedQueue, failures: string[], work: () => Promise<void>): Promise<void> {
  const orFail = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures.push(error.message);
    }
  };
  try {
    await orFail(work);
  } finally {
    await orFail(() => queue.release());
  }
}
