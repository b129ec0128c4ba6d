import type { MetricStore } from './store.ts';

/** A queue at one moment. */
export interface QueueSnapshot {
  readonly name: string;
  /** Messages that a consumer would get. */
  readonly visible: number;
  /** Messages that a consumer has and has not deleted. */
  readonly notVisible: number;
  /** All of them. */
  readonly messages: readonly { readonly id: string /** Epoch milliseconds. */; readonly sentMs: number }[];
}

/** Puts what SQS measures of each queue into the store, once for each call (SQS developer guide, "Available CloudWatch metrics"). */
export class QueueFeed {
  readonly #store: MetricStore;
  readonly #now: () => number;
  /** When each message was sent, by the clock of the metrics, which may be ahead of the queues'. */
  #sentMs = new Map<string, number>();

  constructor(store: MetricStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  take(queues: readonly QueueSnapshot[]): void {
    const nowMs = this.#now();
    const aheadMs = nowMs - Date.now();
    const sentMs = new Map<string, number>();
    for (const queue of queues) {
      for (const { id, sentMs: sent } of queue.messages) sentMs.set(id, this.#sentMs.get(id) ?? sent + aheadMs);
      const oldest = Math.min(nowMs, ...queue.messages.map(({ id }) => sentMs.get(id) ?? nowMs));
      this.#put(queue.name, 'ApproximateNumberOfMessagesVisible', queue.visible);
      this.#put(queue.name, 'ApproximateNumberOfMessagesNotVisible', queue.notVisible);
      this.#put(queue.name, 'ApproximateAgeOfOldestMessage', Math.floor((nowMs - oldest) / 1000));
    }
    this.#sentMs = sentMs;
  }

  #put(QueueName: string, name: string, value: number): void {
    this.#store.put({
      namespace: 'AWS/SQS',
      name,
      dimensions: { QueueName },
      timestampMs: this.#now(),
      values: [value],
    });
  }
}
