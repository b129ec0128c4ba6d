import { migrate } from '../../../lambdas/core/processor.ts';
import { profileState } from '../../../lambdas/systems/profiles/state.ts';
import { profileView } from '../../../lambdas/systems/profiles/view.ts';
import { added, line, shop } from './shop.ts';

const named = (productId: string, quantity: number, unitPrice: number, currency = 'USD') => ({
  productId,
  quantity,
  unitPrice,
  currency,
});
const given = shop.when(added('tea'), added('cup', { unitPrice: 300, currency: 'EUR' }));
const { state } = given;
const lines = [line('tea', 1, 500), line('cup', 1, 300, 'EUR')];
const named1 = [named('tea', 1, 500), named('cup', 1, 300, 'EUR')];
const tombstone = { status: 'erased', erasedAt: '2026-01-01T00:00:00.000Z' };

describe('a profile of version 1, whose cart lines had names', () => {
  test('keeps its cart, and all else', () => {
    expect(migrate(profileState, 1, { ...state, cart: named1 })).toEqual({ ...state, cart: lines });
  });

  test('stays erased', () => {
    expect(migrate(profileState, 1, tombstone)).toEqual(tombstone);
  });
});

describe('whoever looks at a profile', () => {
  const row = { id: 'ada', _v: 3, _tx: 'token' };

  test.each([
    ['this version', 2, lines],
    ['version 1', 1, named1],
  ])('of %s sees the names of its cart lines, and nothing of the protocol', (_, _s, cart) => {
    expect(profileView({ ...row, _s, ...state, cart })).toEqual({
      id: 'ada',
      version: 3,
      profile: { ...state, cart: named1 },
    });
  });

  test('of a version to come sees what is stored', () => {
    const profile = { status: 'active', cart: 'of another kind' };
    expect(profileView({ ...row, _s: 3, ...profile })).toEqual({ id: 'ada', version: 3, profile });
  });

  test('sees no profile in an item without the version of its state', () => {
    expect(profileView({ ...row, ...state })).toBeUndefined();
  });
});
