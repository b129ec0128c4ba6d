import { Lineage, type TailStart } from '../../../local/cli/tail/lineage.ts';

const shard = (shardId: string, ...parentShardIds: string[]) => ({ shardId, parentShardIds });
const HORIZON: TailStart = { kind: 'horizon' };

const ids = (ready: readonly { readonly shardId: string }[]) => ready.map(({ shardId }) => shardId);

describe('which shards may be read', () => {
  test('at first those without parents in the stream', () => {
    const lineage = new Lineage(HORIZON);
    expect(ids(lineage.learn([shard('a'), shard('b', 'long-gone')]))).toEqual(['a', 'b']);
  });

  test('children after their parent, each once', () => {
    const lineage = new Lineage(HORIZON);
    lineage.learn([shard('a'), shard('b', 'a'), shard('c', 'a')]);
    expect(ids(lineage.end('a'))).toEqual(['b', 'c']);
    expect(ids(lineage.learn([shard('a'), shard('b', 'a'), shard('c', 'a')]))).toEqual([]);
  });

  test('the child of a merge after both of its parents', () => {
    const lineage = new Lineage(HORIZON);
    lineage.learn([shard('a'), shard('b'), shard('c', 'a', 'b')]);
    expect(ids(lineage.end('a'))).toEqual([]);
    expect(ids(lineage.end('b'))).toEqual(['c']);
  });

  test('grandchildren after children, however late they are found', () => {
    const lineage = new Lineage(HORIZON);
    lineage.learn([shard('a')]);
    expect(lineage.hasChildren('a')).toBe(false);
    expect(ids(lineage.learn([shard('a'), shard('b', 'a'), shard('c', 'b')]))).toEqual([]);
    expect(lineage.hasChildren('a')).toBe(true);
    expect(ids(lineage.end('a'))).toEqual(['b']);
    expect(ids(lineage.end('b'))).toEqual(['c']);
  });
});

describe('where a shard is read from', () => {
  test.each<[TailStart, object]>([
    [HORIZON, { kind: 'TRIM_HORIZON' }],
    [{ kind: 'now' }, { kind: 'LATEST' }],
    [
      { kind: 'time', timestampMs: 5 },
      { kind: 'AT_TIMESTAMP', timestampMs: 5 },
    ],
  ])('%j in the first listing, and its beginning if it is found later', (start, from) => {
    const lineage = new Lineage(start);
    expect(lineage.learn([shard('a')])).toEqual([{ shardId: 'a', from }]);
    lineage.learn([shard('a'), shard('b', 'a')]);
    expect(lineage.end('a')).toEqual([{ shardId: 'b', from: { kind: 'TRIM_HORIZON' } }]);
  });

  test('from now on a closed shard is not read at all, and its children at once', () => {
    const lineage = new Lineage({ kind: 'now' });
    const ready = lineage.learn([shard('a'), shard('b', 'a'), shard('c', 'b'), shard('d')]);
    expect(ids(ready)).toEqual(['c', 'd']);
    expect(lineage.open).toBe(2);
  });

  test('from a time on a closed shard is read, since that time may lie in it', () => {
    const lineage = new Lineage({ kind: 'time', timestampMs: 5 });
    expect(ids(lineage.learn([shard('a'), shard('b', 'a')]))).toEqual(['a']);
  });
});
