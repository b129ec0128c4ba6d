import { createEngine } from '../../../local/esm/engine.ts';
import { EngineInputError } from '../../../local/esm/errors.ts';
import { compareSequenceNumbers } from '../../../local/esm/sequence.ts';
import { returned, SETTINGS, START_MS, VirtualEsm } from '../../support/virtual-esm.ts';
import { VirtualStream } from '../../support/virtual-stream.ts';

const SHARD = 'shardId-000000000000';
const seen = (esm: VirtualEsm) => esm.invocations.flatMap(({ keys }) => keys);

describe('starting positions', () => {
  test('TRIM_HORIZON begins with the oldest record', () => {
    const stream = new VirtualStream();
    stream.put(SHARD, 'old', START_MS - 3_600_000);
    expect(seen(new VirtualEsm({ stream }).runUntilDrained())).toEqual(['old']);
  });

  test('LATEST begins with what comes after the first read', () => {
    const stream = new VirtualStream();
    stream.put(SHARD, 'old', START_MS - 1);
    const esm = new VirtualEsm({ stream, settings: { startingPosition: 'LATEST' } }).runFor(5_000);
    esm.put(SHARD, 'new');
    expect(seen(esm.runUntilDrained())).toEqual(['new']);
  });

  test('LATEST misses nothing that arrives while its reads fail', () => {
    let reads = 0;
    const esm = new VirtualEsm({
      settings: { startingPosition: 'LATEST' },
      fails: ({ kind }) => {
        if (kind === 'read') reads += 1;
        return kind === 'read' && reads < 5;
      },
    });
    esm.runUntil(() => reads === 1).put(SHARD, 'new');
    expect(seen(esm.runUntilDrained())).toEqual(['new']);
  });

  test('LATEST on a stream that was split begins at the latest of the children, not at their oldest', () => {
    const stream = new VirtualStream();
    const [left, right] = stream.split(SHARD);
    stream.put(left, 'old', START_MS - 1);
    const esm = new VirtualEsm({ stream, settings: { startingPosition: 'LATEST' } }).runFor(5_000);
    esm.put(right, 'new');
    expect(seen(esm.runUntilDrained())).toEqual(['new']);
    expect(esm.commands).not.toContainEqual(expect.objectContaining({ kind: 'read', shardId: SHARD }));
  });

  test('AT_TIMESTAMP begins with the first record at that time', () => {
    const stream = new VirtualStream();
    for (const [key, ms] of [
      ['before', 999],
      ['at', 1_000],
      ['after', 1_001],
    ] as const)
      stream.put(SHARD, key, ms);
    const esm = new VirtualEsm({ stream, settings: { startingPosition: { timestampMs: 1_000 } } });
    expect(seen(esm.runUntilDrained())).toEqual(['at', 'after']);
  });

  test.each(['LATEST', { timestampMs: START_MS + 3_600_000 }] as const)(
    'children found later are read from their oldest record even if the mapping starts at %j',
    (startingPosition) => {
      const esm = new VirtualEsm({ settings: { startingPosition } }).runFor(5_000);
      const [left] = esm.stream.split(SHARD);
      esm.put(left, 'child');
      expect(seen(esm.runUntilDrained())).toEqual(['child']);
    },
  );
});

describe('checkpoints', () => {
  test('a restarted engine goes on after the checkpoint: what was not finished is delivered again, nothing else', () => {
    const stream = new VirtualStream();
    const handler = ({ keys }: { keys: readonly string[] }) => (keys.includes('c') ? ('hold' as const) : returned());
    const first = new VirtualEsm({ stream, settings: { batchSize: 2 }, handler });
    first.put(SHARD, 'a', 'b', 'c', 'd', 'e');
    first.runFor(60_000);
    const second = new VirtualEsm({ stream, startMs: first.nowMs, checkpoints: first.engine.checkpoints() });
    expect(seen(second.runUntilDrained())).toEqual(['c', 'd', 'e']);
  });

  test('a restarted engine reads no processed parent again, and its unread children from their oldest record', () => {
    const stream = new VirtualStream();
    const first = new VirtualEsm({ stream, settings: { startingPosition: 'LATEST' } }).runFor(5_000);
    first.put(SHARD, 'a');
    first.runUntilDrained();
    const [left] = stream.split(SHARD);
    first.runUntil(() => first.engine.status()[0]?.stage === 'done');
    first.put(left, 'b');
    const restarted = { stream, startMs: first.nowMs, settings: { startingPosition: 'LATEST' as const } };
    const second = new VirtualEsm({ ...restarted, checkpoints: first.engine.checkpoints() });
    expect(seen(second.runUntilDrained())).toEqual(['b']);
  });

  test('a mapping from LATEST that is restarted before its first record still gets it', () => {
    const stream = new VirtualStream();
    const settings = { startingPosition: 'LATEST' as const };
    const first = new VirtualEsm({ stream, settings }).runFor(5_000);
    first.put(SHARD, 'while it was down');
    const second = new VirtualEsm({
      stream,
      settings,
      startMs: first.nowMs + 60_000,
      checkpoints: first.engine.checkpoints(),
    });
    expect(seen(second.runUntilDrained())).toEqual(['while it was down']);
  });

  test('checkpoints of an engine that has not listed its shards yet are those that it was given', () => {
    const checkpoints = [{ shardId: SHARD, position: { kind: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '5' } }] as const;
    expect(new VirtualEsm({ checkpoints }).engine.checkpoints()).toEqual(checkpoints);
  });
});

describe('disabling and enabling', () => {
  test('a disabled mapping begins nothing new, and goes on where it was when enabled', () => {
    const esm = new VirtualEsm({ settings: { batchSize: 1 }, handler: () => 'hold' });
    esm.put(SHARD, 'a', 'b');
    esm.runFor(5_000).step({ kind: 'disable' });
    const commands = esm.commands.length;
    esm.answer(esm.invocations[0], returned()).runFor(600_000);
    expect(esm.commands).toHaveLength(commands);
    const [a] = esm.stream.recordsOf(SHARD);
    expect(esm.engine.status()).toMatchObject([{ checkpoint: a?.sequenceNumber, buffered: 1, inFlight: 0 }]);
    esm.step({ kind: 'enable' });
    expect(seen(esm)).toEqual(['a', 'b']);
  });
});

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

test('sequence numbers compare as integers', () => {
  const ordered = ['9', '10', '99', '049590', '49591', '5'.repeat(56), '6'.repeat(56), '1'.repeat(57)];
  for (const [index, number] of ordered.entries()) {
    for (const [other, than] of ordered.entries()) {
      expect(Math.sign(compareSequenceNumbers(number, than))).toBe(Math.sign(index - other));
    }
  }
});
