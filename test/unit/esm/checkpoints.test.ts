import { createEngine } from '../../../local/esm/engine.ts';
import { SETTINGS, START_MS, VirtualEsm } from '../../support/virtual-esm.ts';
import { VirtualStream } from '../../support/virtual-stream.ts';

const SHARD = 'shardId-000000000000';

test('a shard that was read and processed to its end is done for a restarted engine, too', () => {
  const stream = new VirtualStream();
  stream.put(SHARD, 'old', START_MS - 1);
  const [left, right] = stream.split(SHARD);
  const esm = new VirtualEsm({ stream }).runUntilDrained();
  const checkpoints = esm.engine.checkpoints();
  expect(checkpoints).toContainEqual({ shardId: SHARD, position: { kind: 'DONE' } });

  const restarted = createEngine(SETTINGS, {}, checkpoints);
  restarted.step({ kind: 'tick' }, START_MS);
  const { commands } = restarted.step({ kind: 'shards-listed', shards: stream.listShards() }, START_MS);
  const read = commands.flatMap((command) => (command.kind === 'read' ? [command.shardId] : []));
  expect(read.toSorted()).toEqual([left, right].toSorted());
});

test('a status tells how far behind the tip a shard is once that is known, and its checkpoint once there is one', () => {
  const esm = new VirtualEsm();
  expect(esm.engine.status()).toEqual([]);
  esm.runUntilDrained();
  expect(esm.engine.status()).toEqual([
    { shardId: SHARD, stage: 'open', buffered: 0, inFlight: 0, millisBehindLatest: 0 },
  ]);
  esm.put(SHARD, 'key');
  esm.runUntilDrained();
  expect(esm.engine.status()).toMatchObject([{ checkpoint: expect.stringMatching(/^\d+$/), millisBehindLatest: 0 }]);
});
