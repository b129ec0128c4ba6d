import { ATTRIBUTES } from '../../core/names.ts';

/** A profile as people and scripts see it: the row without the protocol's attributes. */
export interface ProfileView {
  readonly id: string;
  /** How many commits the row has seen. */
  readonly version: number;
  readonly profile: Readonly<Record<string, unknown>>;
}

/** The view of an item of the state table, or undefined if it is none. */
export function profileView(item: Readonly<Record<string, unknown>>): ProfileView | undefined {
  const { [ATTRIBUTES.key]: id, [ATTRIBUTES.version]: version, ...rest } = item;
  if (typeof id !== 'string' || typeof version !== 'number') return undefined;
  const profile = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('_')));
  return { id, version, profile };
}
