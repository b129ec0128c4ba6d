import { Poller } from '../../../local/esm/poller.ts';
import type { PollerEvent } from '../../../local/esm/ports.ts';
import type { OnFailureDocument } from '../../../local/esm/protocol.ts';
import { QUEUE_ARN, returned, SETTINGS, threw } from '../../support/virtual-esm.ts';
import { pollerOver } from './virtual-poller.ts';

const SHARD = 'shardId-000000000000';

describe('the poller', () => {
  test('takes records from the source to the function, and is drained when they are processed', async () => {
    const { poller, clock, stream, invocations, metrics } = pollerOver();
    const record = stream.put(SHARD, 'a', clock.nowMs, { data: 'hello' });
    poller.start();
    const drained = poller.drained(clock.nowMs);
    await clock.pass(10);
    expect(invocations[0]?.event.Records).toMatchObject([
      { eventID: `${SHARD}:${record.sequenceNumber}`, kinesis: { data: btoa('hello') } },
    ]);
    invocations[0]?.answer(returned());
    await clock.pass(2_000);
    await drained;
    expect(poller.isDrained()).toBe(true);
    expect(poller.status()).toMatchObject([{ checkpoint: record.sequenceNumber }]);
    expect(metrics).toContainEqual({ name: 'PolledEventCount', value: 1 });
    await poller.stop();
    expect(clock.timers).toBe(0);
  });

  test('a rejected invocation is a throttle: logged, tried again, and spends no retry', async () => {
    const error = new Error('no environment');
    let rejections = 3;
    const { poller, clock, stream, log, documents } = pollerOver({
      settings: { ...SETTINGS, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
      ports: {
        invoke: async () => {
          rejections -= 1;
          if (rejections >= 0) throw error;
          return returned();
        },
      },
    });
    stream.put(SHARD, 'a', clock.nowMs);
    poller.start();
    await clock.pass(10_000);
    expect(poller.isDrained()).toBe(true);
    expect(documents).toEqual([]);
    expect(log).toEqual(Array(3).fill({ kind: 'port-failed', port: 'invoke', shardId: SHARD, error }));
  });

  test.each(['list-shards', 'read', 'deliver', 'metrics'] as const)(
    'a failing port, %s, is logged, and the work goes on',
    async (port) => {
      const error = new Error('refused');
      const failing = new Map(
        [
          ['list-shards', 2],
          ['read', 2],
          ['deliver', 2],
          ['metrics', 2],
        ].filter(([name]) => name === port) as [string, number][],
      );
      const may = (name: string) => {
        const left = failing.get(name) ?? 0;
        failing.set(name, left - 1);
        if (left > 0) throw error;
      };
      const parts = pollerOver();
      const { clock, source, stream } = parts;
      const documents: OnFailureDocument[] = [];
      const log: PollerEvent[] = [];
      const poller = new Poller({
        settings: { ...SETTINGS, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
        clock,
        ports: {
          source: {
            listShards: async () => {
              may('list-shards');
              return source.listShards();
            },
            read: async (...request) => {
              may('read');
              return source.read(...request);
            },
          },
          invoke: async () => threw(),
          deliverOnFailure: async (document) => {
            may('deliver');
            documents.push(document);
          },
          metrics: () => may('metrics'),
          log: (event) => log.push(event),
        },
      });
      stream.put(SHARD, 'a', clock.nowMs);
      poller.start();
      await clock.pass(10_000);
      expect(poller.isDrained()).toBe(true);
      expect(documents).toHaveLength(1);
      expect(log).toMatchObject(Array(2).fill({ kind: 'port-failed', port, error }));
    },
  );

  test('a paused poller invokes nothing until it is resumed; one that starts disabled does not even read', async () => {
    const { poller, clock, stream, invocations, source } = pollerOver({ enabled: false });
    stream.put(SHARD, 'a', clock.nowMs);
    poller.start();
    await clock.pass(60_000);
    expect(source.signals).toEqual([]);
    poller.resume();
    await clock.pass(10);
    expect(invocations).toHaveLength(1);
    poller.pause();
    stream.put(SHARD, 'b', clock.nowMs);
    invocations[0]?.answer(returned());
    await clock.pass(60_000);
    expect(invocations).toHaveLength(1);
    poller.resume();
    await clock.pass(10);
    expect(invocations[1]?.keys).toEqual(['b']);
  });

  test('runs once', () => {
    const { poller } = pollerOver();
    poller.start();
    expect(() => poller.start()).toThrow(/runs once/);
  });
});
