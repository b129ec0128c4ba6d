import * as z from 'zod';
import { ATTRIBUTES } from '../../core/names.ts';
import { migrate } from '../../core/processor.ts';
import { listRoute, rowRoute, type SystemView } from '../../core/view.ts';
import type { Profile } from './reducer.ts';
import { LISTED_SEGMENTS, SEGMENTS, segmentShards } from './segment.ts';
import { profileState } from './state.ts';
import { PROFILE_ROUTES, profiles, SEGMENT_INDEX } from './system.ts';

/** A profile as people and scripts see it: the row without the protocol's attributes, cart lines with the names of their members. */
export interface ProfileView {
  readonly id: string;
  /** How many commits the row has seen. */
  readonly version: number;
  readonly profile: Readonly<Record<string, unknown>>;
}

/**
 * The view of an item of the state table, or undefined if it is none. A state newer than this code is shown as it is stored.
 */
export function profileView(item: Readonly<Record<string, unknown>>): ProfileView | undefined {
  const { [ATTRIBUTES.key]: id, [ATTRIBUTES.version]: version, [ATTRIBUTES.schema]: schema, ...rest } = item;
  if (typeof id !== 'string' || typeof version !== 'number' || typeof schema !== 'number') return undefined;
  const stored = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('_')));
  const profile = schema > profileState.version ? stored : shown(migrate(profileState, schema, stored));
  return { id, version, profile };
}

/** Rows may come from other hands than the processor's: only cart lines that are lists are given names. */
function shown(profile: Profile): Readonly<Record<string, unknown>> {
  if (!('cart' in profile)) return { ...profile };
  const cart = profile.cart.map((line) => {
    if (!Array.isArray(line)) return line;
    const [productId, quantity, unitPrice, currency] = line;
    return { productId, quantity, unitPrice, currency };
  });
  return { ...profile, cart };
}

const instant = z.iso.datetime();
const currency = z.string().regex(/^[A-Z]{3}$/);

const amounts = (description: string) => z.record(currency, z.int()).meta({ description });
const sums = { description: 'Integer minor units by ISO 4217 currency: 262 is 2.62 USD, 262 JPY' };

const activeProfile = z.object({
  status: z.literal('active'),
  cart: z
    .array(
      z.object({
        productId: z.string(),
        quantity: z.int().min(1),
        unitPrice: z.int().meta({ description: 'Integer minor units of the currency' }),
        currency,
      }),
    )
    .meta({ description: 'One line a product, in the order in which they were added' }),
  cartValue: amounts(`What the cart is worth. ${sums.description}`),
  totalSpend: amounts(`What was paid so far. ${sums.description}`),
  orders: amounts('Number of orders by ISO 4217 currency'),
  recentProducts: z.array(z.string()).meta({ description: 'Latest first, each once' }),
  firstSeen: instant.meta({ description: 'Time of the earliest event' }).optional(),
  lastSeen: instant.meta({ description: 'Time of the latest event' }).optional(),
  segment: z.enum(SEGMENTS).meta({ description: 'Spend band: the highest that any one currency reaches' }),
  segmentSince: instant.meta({ description: 'Time of the event that moved it into its segment' }).optional(),
});

const erasedProfile = z
  .object({ status: z.literal('erased'), erasedAt: instant })
  .meta({ description: 'What is left of a person who wanted to be forgotten. It never becomes active again' });

/** What a stored profile is and may show. Attributes that only indexes need are left out. */
export const profileSchema = z.discriminatedUnion('status', [activeProfile, erasedProfile]);

const userId = z
  .string()
  .min(1)
  .max(256)
  .meta({ description: 'The user: the subject of its events', pii: 'pseudonym' });

/** The routes of profiles in the REST API. */
export const profilesView: SystemView = {
  system: profiles.name,
  routes: [
    rowRoute({
      path: PROFILE_ROUTES.one.path,
      operationId: 'getProfile',
      summary: 'One profile',
      description: 'The profile of a user as of its last commit.',
      key: { name: 'id', schema: userId },
      state: profileState,
      body: z.object({
        id: userId,
        version: z.int().min(1).meta({ description: 'How many commits the profile has seen' }),
        profile: profileSchema,
      }),
      view: ({ key, version, state }) => ({ id: key, version, profile: shown(state) }),
    }),
    listRoute({
      path: PROFILE_ROUTES.ofSegment.path,
      operationId: 'listProfiles',
      summary: 'The users of a segment',
      description:
        'Who is in a spend segment, those that moved there last first. It is read from an index: a move shows after a moment.',
      index: SEGMENT_INDEX,
      sort: instant,
      key: userId,
      query: z.object({
        segment: z
          .enum(LISTED_SEGMENTS, `must be one of ${LISTED_SEGMENTS.join(', ')}`)
          .meta({ description: 'The spend segment' }),
      }),
      item: z.object({
        id: userId,
        segment: z.enum(LISTED_SEGMENTS),
        segmentSince: instant.meta({ description: 'Time of the event that moved it there' }),
      }),
      partitions: ({ segment }) => segmentShards(segment),
    }),
  ],
};
