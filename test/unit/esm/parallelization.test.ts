import { laneIndexOf } from '../../../local/esm/lane.ts';
import { returned, threw, VirtualEsm } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';
/** Keys that fall into different ones of ten lanes. */
const distinctLanes = (count: number): string[] => {
  const byLane = new Map<number, string>();
  for (let index = 0; byLane.size < count; index += 1) byLane.set(laneIndexOf(`k${index}`, 10), `k${index}`);
  return [...byLane.values()];
};

describe('parallelization', () => {
  test('with a factor of 1, a shard has one batch in flight', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 1 }, handler: () => 'hold' });
    esm.put(SHARD, ...distinctLanes(5));
    esm.runFor(60_000);
    expect(esm.engine.status()).toMatchObject([{ inFlight: 1 }]);
  });

  test('with a factor of 10, up to ten batches of a shard are in flight', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 1, parallelizationFactor: 10 }, handler: () => 'hold' });
    esm.put(SHARD, ...distinctLanes(10), ...distinctLanes(10));
    esm.runFor(60_000);
    expect(esm.engine.status()).toMatchObject([{ inFlight: 10 }]);
    expect(new Set(esm.invocations.flatMap(({ keys }) => keys)).size).toBe(10);
  });

  test('records of one partition key never overtake each other', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 1, parallelizationFactor: 10 }, handler: () => 'hold' });
    const [a = '', b = ''] = distinctLanes(2);
    const [first, second] = esm.put(SHARD, a, a, b);
    esm.runFor(60_000);
    expect(esm.invocations.map(({ keys }) => keys)).toEqual([[a], [b]]);
    const [ofA, ofB] = esm.invocations;
    esm.answer(ofB, returned()).runFor(60_000);
    expect(esm.invocations).toHaveLength(2);
    expect(ofA?.sequenceNumbers).toEqual([first?.sequenceNumber]);
    esm.answer(ofA, returned());
    expect(esm.invocations[2]?.sequenceNumbers).toEqual([second?.sequenceNumber]);
  });

  test('a failing batch blocks the keys of its lane and no others', () => {
    const [bad = '', good = ''] = distinctLanes(2);
    const esm = new VirtualEsm({
      settings: { batchSize: 1, parallelizationFactor: 10 },
      handler: ({ keys }) => (keys.includes(bad) ? threw() : returned()),
    });
    const [first] = esm.put(SHARD, bad, bad, good, good, good);
    esm.runFor(600_000);
    const ofBad = esm.invocations.filter(({ keys }) => keys.includes(bad));
    expect(ofBad.length).toBeGreaterThan(3);
    expect(new Set(ofBad.flatMap(({ sequenceNumbers }) => sequenceNumbers))).toEqual(new Set([first?.sequenceNumber]));
    expect(esm.invocations.filter(({ keys }) => keys.includes(good))).toHaveLength(3);
  });

  test('the checkpoint stays below the lowest unfinished record, then moves over all that finished before it', () => {
    const [slow = '', quick = ''] = distinctLanes(2);
    const esm = new VirtualEsm({
      settings: { batchSize: 1, parallelizationFactor: 10 },
      handler: ({ keys, sequenceNumbers }) => (keys.includes(slow) && sequenceNumbers[0] !== '1' ? 'hold' : returned()),
    });
    esm.stream.put(SHARD, slow, esm.nowMs, { sequenceNumber: '1' });
    for (const [key, sequenceNumber] of [
      [quick, '2'],
      [slow, '3'],
      [quick, '4'],
      [quick, '5'],
    ] as const) {
      esm.stream.put(SHARD, key, esm.nowMs, { sequenceNumber });
    }
    esm.runFor(60_000);
    expect(esm.engine.status()).toMatchObject([{ checkpoint: '2', buffered: 1 }]);
    esm.answer(
      esm.invocations.find(({ sequenceNumbers }) => sequenceNumbers[0] === '3'),
      returned(),
    );
    expect(esm.engine.status()).toMatchObject([{ checkpoint: '5', buffered: 0 }]);
  });
});
