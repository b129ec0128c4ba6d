import { randomUUID } from 'node:crypto';
import type { EventDefinition } from '../core/catalogue.ts';
import type { CloudEvent } from '../core/event.ts';
import { systemClock } from './clock.ts';
import { Composer, type EventFields } from './compose.ts';
import { kinesisRecords, producerClient, type RecordsClient } from './kinesis.ts';
import type { ProducerMetrics } from './metrics.ts';
import type { SenderOptions, Waits } from './options.ts';
import type { Receipt } from './receipt.ts';
import type { PutRecords } from './record.ts';
import { Sender } from './sender.ts';

export interface ProducerOptions extends SenderOptions {
  /** The stream's name or ARN. */
  readonly stream: string;
  /** Who produces: the `source` of its events, `urn:shop:checkout`. Together with the id it names an event. */
  readonly source: string;
  /** Default: a client by the usual credentials and region, which `close` destroys. One that is given should have `maxAttempts: 1`. */
  readonly client?: RecordsClient;
  /** Ids of events that are given none. Default: random UUIDs. */
  readonly newId?: () => string;
}

/**
 * Sends typed events to one stream, at full speed and in the order of each key.
 *
 * ```ts
 * await using producer = createProducer({ stream: 'shop', source: 'urn:shop:web' });
 * await producer.send(itemAdded, { subject: 'user-42', data: { productId: 'mug', quantity: 2, unitPrice: 900, currency: 'USD' } });
 * ```
 */
export class Producer implements AsyncDisposable {
  readonly #sender: Sender;
  readonly #composer: Composer;
  readonly #destroy: () => void;

  /** @param destroy called once it is closed. */
  constructor(
    put: PutRecords,
    options: Omit<ProducerOptions, 'stream' | 'client'>,
    destroy: () => void = () => undefined,
  ) {
    const { source, newId = randomUUID, clock = systemClock, ...rest } = options;
    this.#sender = new Sender(put, { ...rest, clock });
    this.#composer = new Composer(source, newId, clock.now);
    this.#destroy = destroy;
  }

  /**
   * Sends an event of the definition's newest version. Resolves as soon as the buffer has room for it: a caller that awaits each `send` is slowed down
   * to what the stream takes. Delivery is told by the receipt, or for all by `flush`.
   *
   * @throws InvalidEventError, OversizeEventError: it was not sent, and never can be as it is. UndeliveredError while events that were given up wait
   * to be taken from `flush`; ProducerClosedError; the reason of a signal that aborts.
   */
  send<Type extends string, Data>(
    definition: EventDefinition<Type, Data>,
    fields: EventFields<Data>,
    waits: Waits = {},
  ): Promise<Receipt> {
    return this.#sender.sendEncoded((gzip) => this.#composer.encode(definition, fields, gzip), waits);
  }

  /** Sends a complete event, such as the CloudEvents SDK builds. Judged by the envelope, and by the options' catalogue if there is one. */
  sendEvent(event: CloudEvent, waits: Waits = {}): Promise<Receipt> {
    return this.#sender.send(event, waits);
  }

  /** Sends complete events of one subject in one record, so that they arrive together. */
  sendTogether(events: readonly CloudEvent[], waits: Waits = {}): Promise<Receipt> {
    return this.#sender.sendTogether(events, waits);
  }

  /** Resolves once everything sent before is in the stream. @throws UndeliveredError with all that was given up; the reason of the signal. */
  async flush(waits: Waits = {}): Promise<void> {
    await this.#sender.flush(waits);
  }

  /**
   * Accepts nothing more, and resolves once everything is in the stream.
   *
   * @param waits its signal gives up what is not in the stream by then.
   * @throws UndeliveredError with everything that is not.
   */
  async close(waits: Waits = {}): Promise<void> {
    try {
      await this.#sender.close(waits);
    } finally {
      this.#destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  metrics(): ProducerMetrics {
    return this.#sender.metrics();
  }
}

/** A producer for one stream. @throws RangeError if a setting is out of range. */
export function createProducer(options: ProducerOptions): Producer {
  const { stream, client, ...rest } = options;
  if (client !== undefined) return new Producer(kinesisRecords(client, stream), rest);
  const own = producerClient();
  return new Producer(kinesisRecords(own, stream), rest, () => own.destroy());
}
