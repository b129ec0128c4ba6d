import type { SimulatedShard, SimulatedStream } from './stream.ts';
import type { World } from './world.ts';

/** No stream has more shards open than this: each takes records, and time. */
const MOST_SHARDS = 6;

/** Splits some shard, or merges two neighbours, if there are such. */
export function reshard(
  { deck, random, scheduler, trace }: World,
  stream: SimulatedStream,
  how: 'split' | 'merge',
): void {
  const { openShards } = stream;
  const nowMs = scheduler.now();
  const say = (what: string): void => trace?.add(stream.name, what);
  if (how === 'split') {
    if (openShards.length >= MOST_SHARDS) return;
    const shard = random.pick(openShards);
    const children = stream.split(shard, random.between(0.2, 0.8), nowMs);
    deck.count('split');
    say(`splits shard ${shard.number} into ${children.map(({ number }) => number).join(' and ')}`);
    return;
  }
  const neighbours = openShards.flatMap((lower): (readonly [SimulatedShard, SimulatedShard])[] => {
    const upper = openShards.find(({ fromHash }) => fromHash === lower.toHash);
    return upper === undefined ? [] : [[lower, upper]];
  });
  if (neighbours.length === 0) return;
  const [lower, upper] = random.pick(neighbours);
  const child = stream.merge(lower, upper, nowMs);
  deck.count('merge');
  say(`merges shards ${lower.number} and ${upper.number} into ${child.number}`);
}
