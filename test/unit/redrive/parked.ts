import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

const SENT = Date.UTC(2026, 0, 1);

interface Stored {
  readonly id: string;
  readonly body: string;
  visibleAtMs: number;
  receives: number;
}

/** A queue in memory, as SQS has it: messages are hidden for a while, and each receive gives a new receipt. */
export class QueueInMemory {
  readonly messages: Stored[] = [];
  readonly calls: string[] = [];
  /** Which call fails, by its kind and how many of that kind came before. */
  failing: (kind: string, nth: number) => boolean = () => false;
  /** A message that is hidden is delivered all the same, as SQS may do. */
  repeating = false;
  nowMs = SENT;
  /** Told of each call. */
  onCall: () => void = () => undefined;
  /** How long a receive takes. */
  receiveMs = 0;

  constructor(bodies: readonly (string | object)[] = []) {
    for (const body of bodies) this.add(body);
  }

  readonly now = (): number => this.nowMs;

  get client(): SQSClient {
    return { send: async (command: object) => this.#send(command) } as unknown as SQSClient;
  }

  add(body: string | object): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.messages.push({ id: `m${this.messages.length}`, body: text, visibleAtMs: 0, receives: 0 });
  }

  get visible(): readonly Stored[] {
    return this.messages.filter(({ visibleAtMs }) => visibleAtMs <= this.nowMs);
  }

  count(kind: string): number {
    return this.calls.filter((call) => call === kind).length;
  }

  #send(command: object): object {
    const kind = command.constructor.name.replace(/(Message|Batch|Command)/g, '');
    const fails = this.failing(kind, this.count(kind));
    this.calls.push(kind);
    this.onCall();
    if (fails) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    if (command instanceof ReceiveMessageCommand) return this.#receive(command.input.VisibilityTimeout ?? 0);
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      for (const { ReceiptHandle, VisibilityTimeout = 0 } of command.input.Entries ?? []) {
        const message = this.#of(ReceiptHandle);
        if (message !== undefined) message.visibleAtMs = this.nowMs + VisibilityTimeout * 1000;
      }
      return {};
    }
    if (command instanceof DeleteMessageBatchCommand) {
      for (const { ReceiptHandle } of command.input.Entries ?? []) {
        const message = this.#of(ReceiptHandle);
        if (message !== undefined) this.messages.splice(this.messages.indexOf(message), 1);
      }
      return {};
    }
    if (!(command instanceof GetQueueAttributesCommand)) throw new Error(`No queue in memory knows ${kind}`);
    const hidden = this.messages.length - this.visible.length;
    return { Attributes: { ApproximateNumberOfMessagesNotVisible: String(hidden) } };
  }

  #receive(visibilitySeconds: number): object {
    this.nowMs += this.receiveMs;
    const repeated = this.repeating ? this.messages.filter(({ receives }) => receives > 0).slice(0, 1) : [];
    this.repeating = false;
    const received = repeated.length > 0 ? repeated : this.visible.slice(0, 10);
    for (const message of received) {
      message.receives++;
      message.visibleAtMs = this.nowMs + visibilitySeconds * 1000;
    }
    return {
      Messages: received.map(({ id, body, receives }) => ({
        MessageId: id,
        Body: body,
        ReceiptHandle: `${id}/${receives}`,
        Attributes: { SentTimestamp: String(SENT) },
      })),
    };
  }

  /** A receipt is good until the message is received again. */
  #of(receipt = ''): Stored | undefined {
    return this.messages.find(({ id, receives }) => `${id}/${receives}` === receipt);
  }
}
