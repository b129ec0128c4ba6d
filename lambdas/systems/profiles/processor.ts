import { type Effect, publish } from '../../core/effect.ts';
import type { CommittedRow, Processor } from '../../core/processor.ts';
import { handled, profileUpdated, type ShopEvent } from './events.ts';
import { type Profile, reduce } from './reducer.ts';
import { profileState } from './state.ts';
import { profiles } from './system.ts';

const UPDATES = 'profile-updates';

/** Tells other systems what a profile has become, once per commit. */
function announce({ key, version, state }: CommittedRow<Profile>): readonly Effect[] {
  if (state.status === 'erased') {
    return [publish(UPDATES, profileUpdated, key, { status: 'erased', version, erasedAt: state.erasedAt })];
  }
  const { cartValue, totalSpend, orders, segment, firstSeen, lastSeen } = state;
  // A committed row has folded at least one event, and every event is seen.
  if (firstSeen === undefined || lastSeen === undefined) throw new Error('A committed profile was never seen');
  const data = { status: 'active', version, cartValue, totalSpend, orders, segment, firstSeen, lastSeen } as const;
  return [publish(UPDATES, profileUpdated, key, data)];
}

export const profilesProcessor: Processor<Profile, ShopEvent> = {
  name: profiles.name,
  handles: handled,
  state: profileState,
  reduce,
  effectsOfCommit: announce,
};
