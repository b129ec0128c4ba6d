import type { MetricStore } from './store.ts';

/** A queue at one moment. */
export interface QueueSnapshot {
  readonly name: string;
  /** Messages that a consumer would get. */
  readonly visible: number;
  /** Messages that a consumer has and has not deleted. */
  readonly notVisible: number;
  /** All of them. */
  readonly messages: readonly {
    readonly id: string /** Epoch milliseconds, by the queues' clock. */;
    readonly sentMs: number;
  }[];
}

/** Both epoch milliseconds. */
export interface QueueFeedClocks {
  /** By which metrics are stamped and messages age. */
  metrics(): number;
  /** By which the queues stamp their messages. It may stand, or lag behind. */
  queues(): number;
}

/**
 * Puts what SQS measures of each queue into the store, once for each call (SQS developer guide, "Available CloudWatch metrics").
 * A message ages by the metrics' clock from the moment at which it is first seen; its age until then is the queues'.
 */
export class QueueFeed {
  readonly #store: MetricStore;
  readonly #clocks: QueueFeedClocks;
  /** When each message was sent, by the clock of the metrics. */
  #sentMs = new Map<string, number>();

  constructor(store: MetricStore, clocks: QueueFeedClocks) {
    this.#store = store;
    this.#clocks = clocks;
  }

  /** @param queues all of them: a message that is in none is forgotten. */
  take(queues: readonly QueueSnapshot[]): void {
    const nowMs = this.#clocks.metrics();
    const aheadMs = nowMs - this.#clocks.queues();
    const sentMs = new Map<string, number>();
    for (const queue of queues) {
      for (const { id, sentMs: sent } of queue.messages) sentMs.set(id, this.#sentMs.get(id) ?? sent + aheadMs);
      const oldest = queue.messages.reduce((least, { id }) => Math.min(least, sentMs.get(id) ?? nowMs), nowMs);
      const put = (name: string, value: number): void =>
        this.#store.put({
          namespace: 'AWS/SQS',
          name,
          dimensions: { QueueName: queue.name },
          timestampMs: nowMs,
          values: [value],
        });
      put('ApproximateNumberOfMessagesVisible', queue.visible);
      put('ApproximateNumberOfMessagesNotVisible', queue.notVisible);
      put('ApproximateAgeOfOldestMessage', Math.floor((nowMs - oldest) / 1000));
    }
    this.#sentMs = sentMs;
  }
}
