import { compareSequenceNumbers } from '../../../local/esm/sequence.ts';
import { returned, START_MS, VirtualEsm } from '../../support/virtual-esm.ts';
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

test('sequence numbers compare as integers', () => {
  const ordered = ['9', '10', '99', '049590', '49591', '5'.repeat(56), '6'.repeat(56), '1'.repeat(57)];
  for (const [index, number] of ordered.entries()) {
    for (const [other, than] of ordered.entries()) {
      expect(Math.sign(compareSequenceNumbers(number, than))).toBe(Math.sign(index - other));
    }
  }
});
