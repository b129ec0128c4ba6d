import { commitEffectId, effectId, keyHash, letterId } from '../../../lambdas/runtime/identity.ts';

const cause = { source: 'urn:shop', id: 'e1', time: '2026-01-01T00:00:00Z' };
const row = { key: 'k', epoch: 'token-1', version: 3 };
const place = { stream: 'in', shard: 'shardId-000000000000', sequence: '7', index: 0 };

/** Receivers recognise repeats by these ids, and a deployment may lie between a message and its repeat. */
describe('an id stays what it is in every version of the code', () => {
  test.each([
    ['of an effect', effectId('counter', 'k', cause, 0), 'piJ-dUk6DmnoB9Gk1xWe5L'],
    ["of a commit's effect", commitEffectId('counter', row, cause, 0), '65nncYdLsAU4Rjr8JdLUlk'],
    ['of a dead letter', letterId('counter', place), 'RRUcLXaQyLIPpjJTgowVnk'],
    ['of a key in logs', keyHash('k'), 'ZSNpcRrQjLLi'],
  ])('%s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });
});

describe('an id is another one for', () => {
  test.each([
    ['another processor', effectId('other', 'k', cause, 0)],
    ['another key', effectId('counter', 'l', cause, 0)],
    ['another source', effectId('counter', 'k', { ...cause, source: 'urn:app' }, 0)],
    ['another event', effectId('counter', 'k', { ...cause, id: 'e2' }, 0)],
    ['another effect of the event', effectId('counter', 'k', cause, 1)],
    ['a commit', commitEffectId('counter', row, cause, 0)],
    ['a letter', letterId('counter', place)],
  ])('an effect: %s', (_, id) => {
    expect(id).not.toBe(effectId('counter', 'k', cause, 0));
  });

  test.each([
    ['another processor', commitEffectId('other', row, cause, 0)],
    ['another key', commitEffectId('counter', { ...row, key: 'l' }, cause, 0)],
    ['a row that was created again', commitEffectId('counter', { ...row, epoch: 'token-2' }, cause, 0)],
    ['another version', commitEffectId('counter', { ...row, version: 4 }, cause, 0)],
    ['another source', commitEffectId('counter', row, { ...cause, source: 'urn:app' }, 0)],
    ['another last event', commitEffectId('counter', row, { ...cause, id: 'e2' }, 0)],
    ['another effect of the commit', commitEffectId('counter', row, cause, 1)],
  ])("a commit's effect: %s", (_, id) => {
    expect(id).not.toBe(commitEffectId('counter', row, cause, 0));
  });

  test.each([
    ['another processor', letterId('other', place)],
    ['another stream', letterId('counter', { ...place, stream: 'out' })],
    ['another shard', letterId('counter', { ...place, shard: 'shardId-000000000001' })],
    ['another record', letterId('counter', { ...place, sequence: '8' })],
    ['another event of the record', letterId('counter', { ...place, index: 1 })],
  ])('a dead letter: %s', (_, id) => {
    expect(id).not.toBe(letterId('counter', place));
  });
});
