import { createEngine } from '../../../local/esm/engine.ts';
import { EngineInputError } from '../../../local/esm/errors.ts';
import { returned, SETTINGS, START_MS, VirtualEsm } from '../../support/virtual-esm.ts';

const SHARD = 'shardId-000000000000';
const seen = (esm: VirtualEsm) => esm.invocations.flatMap(({ keys }) => keys);

describe('being drained', () => {
  test('is not before the shards are listed and read', () => {
    const esm = new VirtualEsm();
    expect(esm.engine.isDrained()).toBe(false);
    esm.runFor(1);
    expect(esm.engine.isDrained()).toBe(true);
  });

  test('counts only reads and listings that began after the given time', () => {
    const esm = new VirtualEsm({ options: { shardListIntervalMs: 2_000 } }).runFor(5_000);
    esm.put(SHARD, 'a');
    expect(esm.engine.isDrained()).toBe(true);
    expect(esm.engine.isDrained(esm.nowMs)).toBe(false);
    esm.runUntilDrained();
    expect(seen(esm)).toEqual(['a']);
  });

  test('is not proven by a read that began before the given time and ended after it', () => {
    const engine = createEngine(SETTINGS);
    engine.step({ kind: 'tick' }, 1_000);
    const shards = [{ shardId: SHARD, parentShardIds: [] }];
    engine.step({ kind: 'shards-listed', shards }, 1_000);
    engine.step({ kind: 'tick' }, 20_000);
    engine.step({ kind: 'shards-listed', shards }, 20_000);
    engine.step({ kind: 'records-read', shardId: SHARD, records: [], millisBehindLatest: 0, exhausted: false }, 20_100);
    expect(engine.isDrained(999)).toBe(true);
    expect(engine.isDrained(1_000)).toBe(false);
  });

  test('is not proven by a listing that began before the given time and ended after it', () => {
    const engine = createEngine(SETTINGS);
    engine.step({ kind: 'tick' }, 1_000);
    engine.step({ kind: 'shards-listed', shards: [] }, 1_100);
    expect(engine.isDrained(999)).toBe(true);
    expect(engine.isDrained(1_000)).toBe(false);
  });

  test('is not while a record is retried', () => {
    const esm = new VirtualEsm({ handler: () => ({ kind: 'throttled' }) });
    esm.put(SHARD, 'a');
    esm.runFor(600_000);
    expect(esm.engine.isDrained()).toBe(false);
  });

  test('is not while children wait to be found', () => {
    const esm = new VirtualEsm({ readTakesMs: ({ kind }) => (kind === 'list-shards' ? 400 : 0) }).runFor(5_000);
    esm.stream.split(SHARD);
    esm.runUntil(() => esm.engine.status()[0]?.stage === 'done');
    expect(esm.engine.isDrained()).toBe(false);
  });
});

describe('impossible input', () => {
  test('records out of order are refused, with the shard and both numbers', () => {
    const esm = new VirtualEsm();
    esm.stream.put(SHARD, 'a', esm.nowMs, { sequenceNumber: '10' });
    esm.stream.put(SHARD, 'b', esm.nowMs, { sequenceNumber: '9' });
    expect(() => esm.runFor(1)).toThrow(EngineInputError);
    expect(() => new VirtualEsm({ stream: esm.stream }).runFor(1)).toThrow(
      /shard shardId-000000000000, read 9, after 10/,
    );
  });

  test('answers to what is not under way are refused', () => {
    const { engine } = new VirtualEsm().runFor(1);
    const result = returned();
    expect(() => engine.step({ kind: 'batch-invoked', batchId: 'x/1', result }, START_MS)).toThrow(
      /in flight, id x\/1/,
    );
    expect(() => engine.step({ kind: 'read-failed', shardId: SHARD }, START_MS)).toThrow(EngineInputError);
    expect(() => engine.step({ kind: 'read-failed', shardId: 'unknown' }, START_MS)).toThrow(EngineInputError);
    expect(() => engine.step({ kind: 'list-failed' }, START_MS)).toThrow(EngineInputError);
  });
});
