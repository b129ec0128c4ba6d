import fc from 'fast-check';
import { toAttributes } from '../../../lambdas/core/row.ts';
import { afterNoon, NOON } from '../../support/events.ts';
import { added, anyVisit, erased, purchased, shop, viewed } from './shop.ts';

const at = (ms: number) => ({ time: afterNoon(ms) });
const tombstone = { status: 'erased', erasedAt: NOON } as const;

describe('an erasure', () => {
  test('leaves nothing but the fact, and when', () => {
    shop
      .given(viewed('tea'), added('cup'), purchased({ total: 20_000 }))
      .when(erased())
      .thenWholeState(tombstone);
  });

  test('of someone never seen makes a tombstone, so that what comes late is not kept', () => {
    shop.when(erased()).thenWholeState(tombstone);
    shop
      .given(erased())
      .when(viewed('tea', at(-1000)))
      .changesNothing();
  });

  test('in the middle of a batch erases what the batch brought before and after', () => {
    shop.when(viewed('tea'), erased(), added('cup')).thenWholeState(tombstone);
  });

  test.each([
    ['a view', viewed('tea', at(1))],
    ['a purchase', purchased({ total: 20_000 }, at(1))],
    ['an event of before', added('tea', {}, at(-60_000))],
    ['another erasure, later', erased(at(1000))],
    ['another erasure, earlier', erased(at(-1000))],
  ])('is not undone by %s', (_, event) => {
    shop.given(added('cup'), erased()).when(event).thenWholeState(tombstone).changesNothing();
  });

  test('is not undone by a replay of the whole past under new ids', () => {
    const past = () => [viewed('tea'), added('cup'), purchased({ total: 700 })];
    shop
      .given(...past(), erased())
      .when(...past())
      .changesNothing();
    shop
      .given(...past(), erased())
      .when(...past(), erased(at(5)), ...past())
      .changesNothing();
  });

  test('takes a profile out of the index', () => {
    shop
      .given(purchased({ total: 20_000 }))
      .when(erased())
      .thenState({ status: 'erased' });
    const { row } = shop.given(purchased({ total: 20_000 })).when(erased());
    expect(Object.keys(row.state)).toEqual(['status', 'erasedAt']);
  });

  test('leaves no word of the person in the row, outbox included', () => {
    const telling = { id: 'SECRET-event', source: 'urn:SECRET', traceparent: 'SECRET' };
    const { row } = shop
      .given(viewed('SECRET-product', telling), added('SECRET-cup', {}, telling))
      .when(purchased({ of: { 'SECRET-pot': 1 } }, { ...telling, id: 'SECRET-2' }), erased());
    expect(JSON.stringify(toAttributes(row))).not.toContain('SECRET');
  });

  test('is final, whatever happens', () => {
    const anything = fc.oneof(
      anyVisit,
      fc.constant(0).map(() => erased(at(1))),
    );
    const before = fc.array(anything, { maxLength: 8 });
    const after = fc.array(anything, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(before, after, (past, future) => {
        const { state } = shop.given(...past).when(erased());
        shop
          .given(...past, erased())
          .when(...future)
          .thenWholeState(state);
      }),
      { numRuns: 40 },
    );
  });
});
