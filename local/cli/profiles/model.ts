import type { z } from 'zod';
import type { LISTED_SEGMENTS } from '../../../lambdas/systems/profiles/segment.ts';
import { type ProfileView, profileSchema, profileView } from '../../../lambdas/systems/profiles/view.ts';
import { CliError } from '../errors.ts';

export type StoredProfile = Readonly<z.output<typeof profileSchema>>;
export type ActiveProfile = Extract<StoredProfile, { status: 'active' }>;
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
  const parsed = profileSchema.safeParse(view.profile);
  if (parsed.success) return { id: view.id, view, profile: parsed.data };
  const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new CliError(`Profile ${view.id} is not of this version's form (${where}); --json shows it as it is`);
}
