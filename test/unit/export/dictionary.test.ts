import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTRIBUTES } from '../../../lambdas/core/names.ts';
import type { ShopEvent } from '../../../lambdas/systems/profiles/events.ts';
import { erasureRequested } from '../../../lambdas/systems/profiles/events.ts';
import { type ActiveProfile, newProfile, type Profile, reduce } from '../../../lambdas/systems/profiles/reducer.ts';
import { protocolAttributes, stateAttributes } from '../../../scripts/dictionary/attributes.ts';
import { ANALYSTS_PAGE, analystsPage } from '../../../scripts/dictionary/page.ts';
import { eventOf } from '../../support/events.ts';
import { added, purchased } from '../profiles/shop.ts';

const page = readFileSync(join(import.meta.dirname, '../../..', ANALYSTS_PAGE), 'utf8');

test('docs/analysts.md is current (npm run dictionary writes it)', () => expect(page).toBe(analystsPage()));

/** A profile after these events. */
const after = (...events: readonly object[]): Profile =>
  events.reduce<Profile>((state, event) => reduce(state, event as ShopEvent).state, newProfile());

const names = stateAttributes().map(({ name }) => name);

test('every attribute that the reducer writes is in the dictionary, and nothing else', () => {
  const active = after(added('mug'), purchased({ total: 500 }));
  const erased = after(added('mug'), eventOf(erasureRequested, {}));
  const written = new Set([ATTRIBUTES.key, ...Object.keys(active), ...Object.keys(erased)]);
  expect(new Set(names)).toEqual(written);
});

test('a cart line is stored as the dictionary says', () => {
  const { cart } = after(added('mug', { quantity: 2, unitPrice: 890, currency: 'EUR' })) as ActiveProfile;
  expect(cart).toEqual([['mug', 2, 890, 'EUR']]);
  expect(stateAttributes().find(({ name }) => name === 'cart')?.type).toContain(
    '[productId, quantity, unitPrice, currency]',
  );
});

test('the protocol has all of its attributes on the page, each beginning with _', () => {
  const protocol = protocolAttributes().map(({ name }) => name);
  expect(new Set(protocol)).toEqual(new Set(Object.values(ATTRIBUTES).filter((name) => name !== ATTRIBUTES.key)));
  for (const name of protocol) expect(name).toMatch(/^_/);
});
