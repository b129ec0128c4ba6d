import { isDeepStrictEqual } from 'node:util';
import { ATTRIBUTES } from '../../lambdas/core/names.ts';
import { newProfile, type Profile, reduce } from '../../lambdas/systems/profiles/reducer.ts';
import type { Arrival } from './workload/traffic.ts';

/** A key of a batch: what its row was, and what it must be after the batch. Repeats alone change nothing. */
export interface Change {
  readonly before: Profile | undefined;
  readonly after: Profile;
}

/** What the profiles must be: the reducer over every event once, in order, and nothing else. */
export class Oracle {
  readonly #profiles = new Map<string, Profile>();

  /** Takes the next events of the stream and tells what they made of each of their keys. */
  apply(arrivals: readonly Arrival[]): ReadonlyMap<string, Change> {
    const changes = new Map<string, Change>();
    for (const { event, isRepeat } of arrivals) {
      const { subject } = event;
      const current = this.#profiles.get(subject);
      const base = current ?? newProfile();
      const after = isRepeat ? base : reduce(base, event).state;
      const change = changes.get(subject);
      changes.set(subject, { before: change === undefined ? current : change.before, after });
      this.#profiles.set(subject, after);
    }
    return changes;
  }

  /** By user. */
  get profiles(): ReadonlyMap<string, Profile> {
    return this.#profiles;
  }
}

/** A variant's final rows are not what they must be: whatever it measured says nothing. */
export class WrongRows extends Error {
  override readonly name = 'WrongRows';
}

/** Most wrong rows that the error shows. */
const SHOWN = 3;

/**
 * Compares a table with what the profiles must be. Attributes that begin with `_` are a variant's own business.
 *
 * @throws WrongRows naming the variant, how many rows differ, and the first of them whole.
 */
export function assertRows(
  variant: string,
  expected: ReadonlyMap<string, Profile>,
  items: readonly Readonly<Record<string, unknown>>[],
): void {
  const found = new Map(items.map((item) => [String(item[ATTRIBUTES.key]), stateOf(item)]));
  const keys = new Set([...expected.keys(), ...found.keys()]);
  const wrong = [...keys].filter((key) => !isDeepStrictEqual(plain(found.get(key)), plain(expected.get(key))));
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, SHOWN).map((key) => {
    const [is, mustBe] = [found.get(key), expected.get(key)].map((row) => JSON.stringify(row) ?? 'no row');
    return `  ${key} is      ${is}\n  ${' '.repeat(key.length)} must be ${mustBe}`;
  });
  throw new WrongRows(
    `${variant}: ${wrong.length} of ${keys.size} rows differ from the oracle's, so its figures say nothing\n${shown.join('\n')}`,
  );
}

function stateOf(item: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !name.startsWith('_') && name !== ATTRIBUTES.key));
}

/** Without prototypes and members that are undefined: states are JSON. */
const plain = (state: object | undefined): unknown =>
  state === undefined ? undefined : JSON.parse(JSON.stringify(state));
