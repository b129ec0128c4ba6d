import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { CliError, reasonOf } from '../errors.ts';

/** A message that is hidden from others for a while. */
export interface Held {
  readonly messageId: string;
  readonly body: string;
  readonly receipt: string;
  /** Epoch milliseconds. */
  readonly sentMs: number;
  /** Epoch milliseconds until which it is hidden. */
  heldUntilMs: number;
}

/** How long a message stays hidden: whoever dies with it gives it back after this time. */
const HELD_SECONDS = 300;
/** SQS takes ten messages a call. */
const MOST = 10;
/** An empty answer to a short poll may be that of a few of SQS's servers; a long poll asks all of them. The local queue is one. */
const WAIT_SECONDS = { service: 1, local: 0 } as const;

/** A queue in which messages wait for a person. */
export class ParkedQueue {
  readonly #client: SQSClient;
  readonly url: string;
  readonly #now: () => number;

  readonly #waitSeconds: number;

  constructor(client: SQSClient, url: string, place: keyof typeof WAIT_SECONDS, now: () => number) {
    this.#client = client;
    this.#waitSeconds = WAIT_SECONDS[place];
    this.url = url;
    this.#now = now;
  }

  /** Up to ten messages, hidden from now on; none if there are none that are visible. @throws CliError if the queue cannot be read. */
  async receive(): Promise<readonly Held[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: MOST,
      VisibilityTimeout: HELD_SECONDS,
      WaitTimeSeconds: this.#waitSeconds,
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    const heldUntilMs = this.#now() + HELD_SECONDS * 1000;
    const { Messages = [] } = await this.#call('be read', () => this.#client.send(command));
    return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', Attributes }) => ({
      messageId: MessageId,
      body: Body,
      receipt: ReceiptHandle,
      sentMs: Number(Attributes?.SentTimestamp ?? 0),
      heldUntilMs,
    }));
  }

  /** Removes messages for good. Returns how many could not be removed: they come again, and are then known to be done. */
  async remove(messages: readonly Held[]): Promise<number> {
    let failed = 0;
    for (const some of tens(messages)) {
      const Entries = some.map(({ receipt }, nth) => ({ Id: String(nth), ReceiptHandle: receipt }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries });
      const answer = await this.#call('be relieved of messages', () => this.#client.send(command));
      failed += answer.Failed?.length ?? 0;
    }
    return failed;
  }

  /** Makes messages visible again. */
  async release(messages: readonly Held[]): Promise<void> {
    await this.#hide(messages, 0);
  }

  /** Hides messages anew that would soon be visible again. */
  async keep(messages: readonly Held[]): Promise<void> {
    const soonMs = this.#now() + (HELD_SECONDS * 1000) / 2;
    const ending = messages.filter(({ heldUntilMs }) => heldUntilMs < soonMs);
    const heldUntilMs = this.#now() + HELD_SECONDS * 1000;
    await this.#hide(ending, HELD_SECONDS);
    for (const message of ending) message.heldUntilMs = heldUntilMs;
  }

  /** Messages that somebody else has hidden, about. */
  async hidden(): Promise<number> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.url,
      AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
    });
    const { Attributes } = await this.#call('be read', () => this.#client.send(command));
    return Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0);
  }

  /** What fails here is a message that is gone or that somebody else holds by now: either is as good. */
  async #hide(messages: readonly Held[], VisibilityTimeout: number): Promise<void> {
    for (const some of tens(messages)) {
      const Entries = some.map(({ receipt }, nth) => ({ Id: String(nth), ReceiptHandle: receipt, VisibilityTimeout }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries });
      await this.#call('be told how long to hide messages', () => this.#client.send(command));
    }
  }

  async #call<T>(what: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (cause) {
      throw new CliError(`The queue ${this.url} cannot ${what}: ${reasonOf(cause)}. Nothing is lost: run it again`, {
        cause,
      });
    }
  }
}

function* tens<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += MOST) yield all.slice(from, from + MOST);
}
