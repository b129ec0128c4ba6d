import fc from 'fast-check';
import { Sender } from '../../../lambdas/producer/index.ts';
import { hashKeyOf, ShardMap } from '../../../lambdas/producer/shard-map.ts';
import { ShardPace } from '../../../lambdas/producer/shard-pace.ts';
import { seededRandom, virtualClock } from '../../support/virtual-clock.ts';
import { type Arrival, clockOf, FakeStream } from './fake-stream.ts';
import { padded } from './shop.ts';

/** What a shard of Kinesis takes. */
const LIMITS = { bytesPerSecond: 1_000_000, recordsPerSecond: 1_000 };

/** Keys of one shard of a stream. */
function keysOf(stream: FakeStream, shardId: string, count: number): readonly string[] {
  const keys: string[] = [];
  for (let nth = 0; keys.length < count; nth++) if (stream.shardOf(`u${nth}`) === shardId) keys.push(`u${nth}`);
  return keys;
}

const bytesPerSecond = (arrivals: readonly Arrival[], ms: number): number =>
  (arrivals.reduce((sum, { data }) => sum + data.length, 0) / ms) * 1_000;

const HOT = 'shardId-000000000000';
const CALM = 'shardId-000000000001';
const DURATION_MS = 8_000;
/** By then several producers have found out their shares. */
const SETTLED_MS = 4_000;

/** For eight seconds, twice as much goes to one shard as it takes, and a quarter of it to another one. */
async function overload(namesShards: boolean, producers: number) {
  const clock = virtualClock();
  const random = seededRandom(3);
  const stream = new FakeStream(clock, { shards: 2, limits: LIMITS, namesShards });
  const senders = Array.from({ length: producers }, () => new Sender(stream.put, { clock: clockOf(clock, random) }));
  const startMs = clock.now();
  const produce = async (sender: Sender, keys: readonly string[], eventsPerSecond: number): Promise<void> => {
    for (let nth = 0; clock.now() - startMs < DURATION_MS; nth++) {
      await clock.sleep(1_000 / eventsPerSecond);
      await sender.send(padded(keys[nth % keys.length] as string, `${keys[0]}-${nth}`, 8_000));
    }
  };
  const hotKeys = keysOf(stream, HOT, 40);
  const calmKeys = keysOf(stream, CALM, 10);
  const load = senders.flatMap((sender) => [
    produce(sender, hotKeys, 250 / producers),
    produce(sender, calmKeys, 32 / producers),
  ]);
  await clock.run(Promise.all(load));
  const fromMs = startMs + SETTLED_MS;
  const arrivals = stream.arrivals.filter(({ atMs }) => atMs > fromMs);
  const arrivedAt = (shard: string) => arrivals.filter(({ shardId }) => shardId === shard);
  const rate = (shard: string) => bytesPerSecond(arrivedAt(shard), clock.now() - fromMs);
  const throttled = stream.throttledMs.filter((ms) => ms > fromMs).length;
  return { stream, senders, clock, throttled, hot: arrivedAt(HOT), rates: { hot: rate(HOT), calm: rate(CALM) } };
}

describe('a shard that throttles', () => {
  test.each([
    ['as the service says', true, 1, 0.02],
    ['as the answers of before say', false, 1, 0.02],
    ['shared by four producers', true, 4, 0.2],
  ])('is written to as fast as it takes, %s; the other shard is not slowed', async (_, names, producers, part) => {
    const { hot, rates, throttled } = await overload(names, producers);
    expect(rates.hot).toBeGreaterThan(0.9 * LIMITS.bytesPerSecond);
    expect(rates.calm).toBeGreaterThan(240_000);
    // By retries with backoff alone, more are throttled than get in.
    expect(throttled).toBeLessThan(part * hot.length);
  });

  test('is paced no more once it is calm', async () => {
    const { senders, clock, stream } = await overload(true, 1);
    const [sender] = senders as [Sender];
    await clock.run(sender.flush());
    expect(sender.metrics().pacedShards).toEqual([{ shardId: HOT, share: expect.any(Number) }]);
    const [key = ''] = keysOf(stream, HOT, 1);
    const calmDown = async (): Promise<void> => {
      for (let second = 0; second < 60; second++) {
        await sender.send(padded(key, `b${second}`, 0));
        await clock.sleep(1_000);
      }
    };
    await clock.run(calmDown());
    expect(sender.metrics().pacedShards).toEqual([]);
  });
});

describe('a pace', () => {
  test('shrinks with the part that is throttled, and never to nothing', () => {
    const shareAt = (percent: number): number => {
      const pace = new ShardPace(0);
      for (let nth = 0; nth < 10_000; nth++) pace.answered((nth * 37) % 100 < percent, nth * 10);
      return pace.share;
    };
    expect(shareAt(0)).toBe(1);
    expect(shareAt(1)).toBe(1);
    expect(shareAt(10)).toBeCloseTo(0.4, 1);
    expect(shareAt(30)).toBeCloseTo(0.13, 1);
    expect(shareAt(100)).toBeCloseTo(0.04, 2);
  });

  test('gives out a shard’s limits, in records or bytes, whichever is less, and lets large records borrow', () => {
    const pace = new ShardPace(0);
    const sent = (bytes: number) => {
      let count = 0;
      for (let ms = 0; ms < 10_000; ms++) {
        while (pace.readyAt(ms) <= ms) {
          pace.take(bytes, ms);
          count++;
        }
      }
      return count;
    };
    expect(sent(100) / 10).toBeCloseTo(1_000, -2);
    const large = new ShardPace(0);
    let at = 1;
    for (let nth = 0; nth < 5; nth++) {
      at = large.readyAt(at);
      large.take(1_000_000, at);
    }
    expect(at).toBeGreaterThanOrEqual(4_000);
    expect(at).toBeLessThan(4_100);
  });
});

describe('which shard takes a key', () => {
  const key = fc.integer({ min: 0, max: 999 });
  const hashKey = (nth: number): string => String(nth).padStart(32, '0');

  /** Which shard takes a key before the stream is resharded at `cuts`, and after. */
  const shardsOf = (cuts: readonly number[]) => ({
    parent: (nth: number): string => (nth < 500 ? 'old-0' : 'old-1'),
    child: (nth: number): string => `new-${cuts.filter((cut) => cut <= nth).length}`,
  });

  test('is known between two keys of a shard, and never told wrongly once a split or merge is heard of', () => {
    fc.assert(
      fc.property(fc.array(key), fc.array(key), fc.uniqueArray(key, { maxLength: 5 }), (before, after, cuts) => {
        const map = new ShardMap();
        const { parent, child } = shardsOf(cuts);
        for (const nth of before) map.learn(hashKey(nth), parent(nth));
        for (const nth of before) expect(map.shardOf(hashKey(nth))).toBe(parent(nth));
        for (const nth of after) map.learn(hashKey(nth), child(nth));
        for (const nth of after) expect(map.shardOf(hashKey(nth))).toBe(child(nth));
        const all = Array.from({ length: 1_000 }, (_, nth) => nth);
        const isRight = (nth: number): boolean =>
          [parent(nth), child(nth), undefined].includes(map.shardOf(hashKey(nth)));
        expect(all.filter((nth) => !isRight(nth))).toEqual([]);
      }),
    );
  });

  test('goes by the MD5 of the key, as Kinesis does', () => {
    expect(hashKeyOf('user-42')).toMatch(/^[0-9a-f]{32}$/);
    expect(hashKeyOf('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
  });
});
