import { z } from 'zod';
import { type LISTED_SEGMENTS, SEGMENTS } from '../../../lambdas/systems/profiles/segment.ts';
import { type ProfileView, profileView } from '../../../lambdas/systems/profiles/view.ts';
import { CliError } from '../errors.ts';

const byCurrency = z.record(z.string(), z.int());

const active = z.object({
  status: z.literal('active'),
  cart: z.array(z.object({ productId: z.string(), quantity: z.int(), unitPrice: z.int(), currency: z.string() })),
  cartValue: byCurrency,
  totalSpend: byCurrency,
  orders: byCurrency,
  recentProducts: z.array(z.string()),
  firstSeen: z.string().optional(),
  lastSeen: z.string().optional(),
  segment: z.enum(SEGMENTS),
});
const erased = z.object({ status: z.literal('erased'), erasedAt: z.string() });
const profile = z.discriminatedUnion('status', [active, erased]);

export type ActiveProfile = Readonly<z.output<typeof active>>;
export type StoredProfile = Readonly<z.output<typeof profile>>;
export type ListedSegment = (typeof LISTED_SEGMENTS)[number];

/** A row as the command line shows it: `view` is what `--json` prints, `profile` the same, checked. */
export interface FoundProfile {
  readonly id: string;
  readonly view: ProfileView;
  readonly profile: StoredProfile;
}

/** @throws CliError for a row that is no profile of this version. */
export function foundProfile(item: Readonly<Record<string, unknown>>): FoundProfile {
  const view = profileView(item);
  if (view === undefined) throw new CliError('The table holds an item that is no profile: it has no id or no version');
  const parsed = profile.safeParse(view.profile);
  if (parsed.success) return { id: view.id, view, profile: parsed.data };
  const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new CliError(`Profile ${view.id} is not of this version's form (${where}); --json shows it as it is`);
}
