import { laneIndexOf } from '../../../local/esm/lane.ts';
import { QUEUE_ARN, returned, threw, throttled, VirtualEsm } from '../../support/virtual-esm.ts';
import { VirtualStream } from '../../support/virtual-stream.ts';

const PARENT = 'shardId-000000000000';

describe('parents before children', () => {
  test('a child is not read before its parent is processed: read is not enough', () => {
    const esm = new VirtualEsm({ handler: ({ keys }) => (keys.includes('p') ? 'hold' : returned()) });
    esm.put(PARENT, 'p');
    const [left, right] = esm.stream.split(PARENT);
    esm.put(left, 'l');
    esm.put(right, 'r');
    esm.runFor(600_000);
    expect(esm.engine.status()).toMatchObject([
      { stage: 'exhausted' },
      { stage: 'waiting-for-parents' },
      { stage: 'waiting-for-parents' },
    ]);
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['p']]);
    esm.answer(esm.invocations[0], returned()).runFor(10);
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['p'], ['l'], ['r']]);
  });

  test('a child waits for every lane of its parent', () => {
    const keys = ['a', 'b', 'c', 'd'].sort((a, b) => laneIndexOf(a, 10) - laneIndexOf(b, 10));
    const esm = new VirtualEsm({
      settings: { batchSize: 1, parallelizationFactor: 10 },
      handler: (invocation) => (invocation.keys.includes('c') ? 'hold' : returned()),
    });
    esm.put(PARENT, ...keys);
    const [left] = esm.stream.split(PARENT);
    esm.put(left, 'child');
    esm.runFor(600_000);
    expect(esm.invocations.flatMap((invocation) => invocation.keys)).not.toContain('child');
    esm
      .answer(
        esm.invocations.find((invocation) => invocation.keys.includes('c')),
        returned(),
      )
      .runFor(10);
    expect(esm.invocations.flatMap((invocation) => invocation.keys)).toContain('child');
  });

  test('the child of a merge waits for both parents', () => {
    const stream = new VirtualStream(2);
    const [first = '', second = ''] = stream.openShards;
    const esm = new VirtualEsm({ stream, handler: ({ keys }) => (keys.includes('second') ? 'hold' : returned()) });
    esm.put(first, 'first');
    esm.put(second, 'second');
    const child = stream.merge(first, second);
    esm.put(child, 'child');
    esm.runFor(600_000);
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['first'], ['second']]);
    esm.answer(esm.invocations[1], returned()).runFor(10);
    expect(esm.invocations[2]?.keys).toEqual(['child']);
  });

  test('a child waits while its parent is retried, and while its parent’s last records are on their way to the destination', () => {
    let answers = [threw(), throttled(), threw()];
    let accepts = 0;
    const esm = new VirtualEsm({
      settings: { maximumRetryAttempts: 1, onFailureArn: QUEUE_ARN },
      handler: () => answers.shift() ?? returned(),
      accept: () => {
        accepts += 1;
        return accepts === 3;
      },
    });
    esm.put(PARENT, 'p');
    const [left] = esm.stream.split(PARENT);
    esm.put(left, 'l');
    esm.runUntil(() => accepts === 3);
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['p'], ['p'], ['p']]);
    answers = [];
    esm.runUntilDrained();
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['p'], ['p'], ['p'], ['l']]);
  });

  test('grandchildren follow children, whatever the order of the list', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 1 } });
    esm.put(PARENT, '1');
    const [left, right] = esm.stream.split(PARENT);
    esm.put(left, '2');
    const [grandchild] = esm.stream.split(left);
    esm.put(grandchild, '3');
    const list = esm.stream.listShards.bind(esm.stream);
    esm.stream.listShards = () => [...list()].reverse();
    esm.runUntilDrained();
    expect(esm.invocations.flatMap(({ keys }) => keys)).toEqual(['1', '2', '3']);
    expect(esm.engine.status().find(({ shardId }) => shardId === right)).toMatchObject({ stage: 'open' });
  });

  test('a child that stands before its parent in the list is read in the very step that ends the parent', () => {
    const esm = new VirtualEsm({ options: { shardListIntervalMs: 3_600_000 }, handler: () => 'hold' });
    esm.put(PARENT, 'p');
    esm.stream.split(PARENT);
    const list = esm.stream.listShards.bind(esm.stream);
    esm.stream.listShards = () => [...list()].reverse();
    esm.runFor(60_000).answer(esm.invocations[0], returned());
    expect(esm.engine.status()).toMatchObject([{ stage: 'open' }, { stage: 'open' }, { stage: 'done' }]);
  });

  test('the end of a shard is followed by a listing at once, so that its children are found', () => {
    const esm = new VirtualEsm({ options: { shardListIntervalMs: 3_600_000 } });
    esm.runFor(5_000);
    const [left] = esm.stream.split(PARENT);
    esm.put(left, 'l');
    esm.runFor(2_000);
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['l']]);
  });

  test('a listing that began before a shard’s end was seen is not trusted to hold its children', () => {
    const esm = new VirtualEsm({
      options: { shardListIntervalMs: 5_000, pollIntervalMs: 1_000 },
      readTakesMs: ({ kind }) => (kind === 'list-shards' ? 3_000 : 0),
    });
    esm.runFor(9_000);
    const stale = esm.stream.listShards();
    const list = esm.stream.listShards.bind(esm.stream);
    esm.stream.listShards = () => {
      esm.stream.listShards = list;
      return stale;
    };
    const [left] = esm.stream.split(PARENT);
    esm.put(left, 'l');
    esm.runUntil(() => esm.engine.status()[0]?.stage === 'done');
    esm.runUntil(() => esm.engine.isDrained());
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['l']]);
  });

  test('a parent that the stream no longer lists holds nobody back', () => {
    const esm = new VirtualEsm();
    const [left] = esm.stream.split(PARENT);
    esm.stream.trim(PARENT);
    esm.put(left, 'l');
    esm.runUntilDrained();
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([['l']]);
  });

  test('a processed shard is forgotten once the stream no longer lists it', () => {
    const esm = new VirtualEsm();
    esm.stream.split(PARENT);
    esm.runUntilDrained();
    expect(esm.engine.status()).toHaveLength(3);
    esm.stream.trim(PARENT);
    esm.runFor(60_000);
    expect(esm.engine.status().map(({ shardId }) => shardId)).not.toContain(PARENT);
  });
});
