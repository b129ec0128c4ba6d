import { newestVersion } from '../../../lambdas/core/catalogue.ts';
import { profileUpdated } from '../../../lambdas/systems/profiles/events.ts';
import { afterNoon, NOON } from '../../support/events.ts';
import { added, erased, purchased, removed, shop, viewed } from './shop.ts';

describe('profile.updated', () => {
  test('says once per commit what the profile has become, keyed by the user', () => {
    shop
      .given(viewed('tea', { time: afterNoon(-1000) }))
      .when(added('tea', { quantity: 2 }), purchased({ total: 5000, of: { tea: 1 } }))
      .thenEffects({
        kind: 'publish',
        stream: 'profile-updates',
        type: 'profile.updated',
        dataschema: `urn:millrace:profile.updated:${newestVersion(profileUpdated)}`,
        subject: 'user-1',
        data: {
          status: 'active',
          version: 2,
          cartValue: { USD: 500 },
          totalSpend: { USD: 5000 },
          orders: { USD: 1 },
          segment: 'medium',
          firstSeen: afterNoon(-1000),
          lastSeen: NOON,
        },
      });
  });

  test('counts versions by commits, not by events', () => {
    const versionAfter = (commits: number, events: number) => {
      const before = Array.from({ length: commits - 1 }, () => viewed('tea'));
      const last = Array.from({ length: events }, () => viewed('tea'));
      return shop.given(...before).when(...last).row.version;
    };
    expect([versionAfter(1, 1), versionAfter(1, 5), versionAfter(3, 2)]).toEqual([1, 1, 3]);
  });

  test('says of an erased profile only that it is, and since when', () => {
    shop
      .given(added('tea'))
      .when(erased())
      .thenEffects({ data: { status: 'erased', version: 2, erasedAt: NOON } });
  });

  test('repeats that with every later event, so that a copy that missed it comes to know', () => {
    shop
      .given(erased())
      .when(viewed('tea'))
      .thenEffects({ data: { status: 'erased', version: 2, erasedAt: NOON } });
  });

  test('is not sent for a repeat, which changes nothing', () => {
    const once = added('tea');
    shop.given(once).when(once).thenRecognised().thenEffects();
  });

  test('names no product and no session', () => {
    const { row } = shop.given(viewed('tea'), added('cup')).when(removed('cup'));
    expect(row.state).toHaveProperty('recentProducts');
    shop
      .given(viewed('tea'), added('cup'))
      .when(removed('cup'))
      .thenEffects({
        data: {
          status: 'active',
          version: 3,
          cartValue: {},
          totalSpend: {},
          orders: {},
          segment: 'none',
          firstSeen: NOON,
          lastSeen: NOON,
        },
      });
  });
});
