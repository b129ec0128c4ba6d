import { QueueFeed, type QueueSnapshot } from '../../../../local/metrics/queue-feed.ts';
import { MetricStore } from '../../../../local/metrics/store.ts';

const START_MS = Date.UTC(2026, 10, 21, 2);
const HOUR_MS = 60 * 60 * 1000;

/** A feed whose clocks both stand at the start until they are set; times in milliseconds after it. */
function measured() {
  const clocks = { metricsMs: 0, queuesMs: 0 };
  const store = new MetricStore();
  const feed = new QueueFeed(store, {
    metrics: () => START_MS + clocks.metricsMs,
    queues: () => START_MS + clocks.queuesMs,
  });
  /** What one look measured. */
  const look = (...queues: QueueSnapshot[]) => {
    const sinceMs = START_MS + clocks.metricsMs;
    feed.take(queues);
    return (name: string, QueueName = 'letters') =>
      store.statistics({ namespace: 'AWS/SQS', name, dimensions: { QueueName }, sinceMs, untilMs: sinceMs + 1 }).max;
  };
  return { clocks, look };
}

const queue = (sent: Readonly<Record<string, number>>, more: Partial<QueueSnapshot> = {}): QueueSnapshot => {
  const messages = Object.entries(sent).map(([id, ms]) => ({ id, sentMs: START_MS + ms }));
  return { name: 'letters', visible: messages.length, notVisible: 0, messages, ...more };
};
const AGE = 'ApproximateAgeOfOldestMessage';

describe('what is measured of a queue', () => {
  test('messages that wait and messages that a consumer has are counted apart, under the name of their queue', () => {
    const { look } = measured();
    const of = look(queue({ a: 0, b: 0 }, { visible: 2, notVisible: 5 }), queue({}, { name: 'other', visible: 7 }));
    expect(of('ApproximateNumberOfMessagesVisible')).toBe(2);
    expect(of('ApproximateNumberOfMessagesNotVisible')).toBe(5);
    expect(of('ApproximateNumberOfMessagesVisible', 'other')).toBe(7);
  });

  test('an empty queue is measured too, and its oldest message has the age 0', () => {
    const { look } = measured();
    const of = look(queue({}));
    expect([of('ApproximateNumberOfMessagesVisible'), of(AGE)]).toEqual([0, 0]);
  });

  test('the age is that of the oldest message of the queue, whatever the order, in whole seconds', () => {
    const { clocks, look } = measured();
    clocks.metricsMs = clocks.queuesMs = 10_999;
    const of = look(queue({ b: 6_000, a: 1_000, c: 9_000 }), queue({ d: 0 }, { name: 'other' }));
    expect([of(AGE), of(AGE, 'other')]).toEqual([9, 10]);
  });

  test('a message sent while the queues are looked at is not younger than new', () => {
    expect(measured().look(queue({ a: 400 }))(AGE)).toBe(0);
  });
});

describe('a message whose queue goes by another clock', () => {
  test('it ages by the clock of the metrics while that of the queues stands', () => {
    const { clocks, look } = measured();
    look(queue({ a: -2_000 }));
    clocks.metricsMs = 13 * HOUR_MS;
    expect(look(queue({ a: -2_000 }))(AGE)).toBe(13 * 3600 + 2);
  });

  test('one that comes after the clocks parted is as old as in its queue, and ages from there', () => {
    const { clocks, look } = measured();
    clocks.metricsMs = 5 * HOUR_MS;
    expect(look(queue({ a: -2_000 }))(AGE)).toBe(2);
    clocks.metricsMs += 60_000;
    expect(look(queue({ a: -2_000 }))(AGE)).toBe(62);
  });

  test('one that left does not age the one that came in its place', () => {
    const { clocks, look } = measured();
    look(queue({ a: 0 }));
    clocks.metricsMs = 13 * HOUR_MS;
    expect(look(queue({ b: -1_000 }))(AGE)).toBe(1);
  });

  test('one that left is forgotten: the same id sent again is new', () => {
    const { clocks, look } = measured();
    look(queue({ a: 0 }));
    clocks.metricsMs = 13 * HOUR_MS;
    look(queue({}));
    expect(look(queue({ a: -3_000 }))(AGE)).toBe(3);
  });

  test('the age falls to that of the next message once the oldest is gone', () => {
    const { clocks, look } = measured();
    look(queue({ a: 0 }));
    clocks.metricsMs = HOUR_MS;
    expect(look(queue({ a: 0, b: 0 }))(AGE)).toBe(3600);
    clocks.metricsMs += 60_000;
    expect(look(queue({ b: 0 }))(AGE)).toBe(60);
  });
});
