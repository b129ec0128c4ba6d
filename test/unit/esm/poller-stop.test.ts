import { QUEUE_ARN, returned, SETTINGS, START_MS, threw } from '../../support/virtual-esm.ts';
import { pollerOver, settled } from './virtual-poller.ts';

const SHARD = 'shardId-000000000000';

describe('stopping the poller', () => {
  test('waits for invocations under way, whose results count, and begins no others', async () => {
    const { poller, clock, stream, invocations, source } = pollerOver({ settings: { ...SETTINGS, batchSize: 1 } });
    const [a] = ['a', 'b'].map((key) => stream.put(SHARD, key, clock.nowMs));
    poller.start();
    await clock.pass(10);
    let stopped = false;
    const stop = poller.stop().then(() => {
      stopped = true;
    });
    await clock.pass(60_000);
    expect(stopped).toBe(false);
    expect(source.signals.every((signal) => signal.aborted)).toBe(true);
    expect(invocations[0]?.signal.aborted).toBe(false);
    invocations[0]?.answer(returned());
    await stop;
    expect(invocations).toHaveLength(1);
    expect(poller.checkpoints()).toEqual([
      { shardId: SHARD, position: { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: a?.sequenceNumber } },
    ]);
    expect(clock.timers).toBe(0);
  });

  test('waits for the document of a batch that was under way', async () => {
    const delivery = Promise.withResolvers<void>();
    const { poller, clock, stream, invocations } = pollerOver({
      settings: { ...SETTINGS, maximumRetryAttempts: 0, onFailureArn: QUEUE_ARN },
      ports: { deliverOnFailure: () => delivery.promise },
    });
    stream.put(SHARD, 'a', clock.nowMs);
    poller.start();
    await clock.pass(10);
    let stopped = false;
    const stop = poller.stop('wait').then(() => {
      stopped = true;
    });
    invocations[0]?.answer(threw());
    await clock.pass(60_000);
    expect(stopped).toBe(false);
    delivery.resolve();
    await stop;
    expect(poller.status()).toMatchObject([{ buffered: 0 }]);
  });

  test('abandons invocations if told to: they are aborted, a late answer changes nothing, and a later poller delivers again', async () => {
    const first = pollerOver();
    first.stream.put(SHARD, 'a', first.clock.nowMs);
    first.poller.start();
    await first.clock.pass(10);
    await first.poller.stop('abandon');
    expect(first.invocations[0]?.signal.aborted).toBe(true);
    first.invocations[0]?.answer(returned());
    await settled();
    expect(first.poller.status()).toMatchObject([{ buffered: 1 }]);
    const second = pollerOver({ source: first.source, checkpoints: first.poller.checkpoints() });
    second.poller.start();
    await second.clock.pass(10);
    expect(second.invocations.map(({ keys }) => keys)).toEqual([['a']]);
  });

  test('a poller that goes on from checkpoints delivers only what is above them', async () => {
    const first = pollerOver();
    first.stream.put(SHARD, 'a', first.clock.nowMs);
    first.poller.start();
    await first.clock.pass(10);
    first.invocations[0]?.answer(returned());
    await first.poller.stop();
    first.stream.put(SHARD, 'b', first.clock.nowMs);
    const second = pollerOver({ source: first.source, checkpoints: first.poller.checkpoints() });
    second.poller.start();
    await second.clock.pass(10);
    expect(second.invocations.map(({ keys }) => keys)).toEqual([['b']]);
  });

  test('what the stop itself aborts is not logged as a failure', async () => {
    const { poller, log } = pollerOver({
      ports: {
        source: {
          listShards: (signal) =>
            new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
          read: () => Promise.reject(new Error('not listed')),
        },
      },
    });
    poller.start();
    await poller.stop();
    await settled();
    expect(log).toEqual([]);
  });

  test('ends the wait for being drained', async () => {
    const { poller } = pollerOver();
    poller.start();
    const drained = expect(poller.drained(START_MS + 1)).rejects.toThrow(/stopped before its stream was drained/);
    await poller.stop();
    await drained;
  });

  test('a source that gives records out of order stops the poller, loudly', async () => {
    const { poller, clock, stream, log } = pollerOver();
    stream.put(SHARD, 'a', clock.nowMs, { sequenceNumber: '2' });
    stream.put(SHARD, 'b', clock.nowMs, { sequenceNumber: '1' });
    poller.start();
    const drained = expect(poller.drained(clock.nowMs)).rejects.toThrow();
    await clock.pass(60_000);
    await drained;
    expect(log).toMatchObject([{ kind: 'stopped-by-error', error: { code: 'esm.impossible-input' } }]);
    expect(clock.timers).toBe(0);
  });
});
