import type { DeadLetterMessage } from '../../lambdas/aws/dead-letter-queue.ts';
import { placeOf, type StoredRecord } from './facts.ts';
import type { Oracle } from './oracle.ts';

export interface LetterAccount {
  /** Records that are in the queue, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Records that should be there, and are not. */
  readonly missing: number;
  readonly mismatches: readonly string[];
}

/** Every record of garbage must be in the queue: whole, for its reason, under one id; and nothing else. */
export function accountOfLetters({ garbage, givenUp }: Oracle, letters: readonly DeadLetterMessage[]): LetterAccount {
  const mismatches: string[] = [];
  const rejected: Record<string, number> = {};
  const idsByPlace = new Map<string, Set<string>>();
  for (const letter of letters) {
    const place = placeOf({ shard: letter.shard ?? '', sequence: letter.sequence ?? '' });
    const expected = garbage.get(place);
    if (expected === undefined) mismatches.push(`${place}: rejected as ${letter.code}, although it is fine`);
    else mismatches.push(...differences(letter, expected).map((difference) => `${place}: ${difference}`));
    idsByPlace.set(place, (idsByPlace.get(place) ?? new Set()).add(letter.id));
  }
  let missing = 0;
  for (const [place, { code }] of garbage) {
    const ids = idsByPlace.get(place);
    if (ids !== undefined) rejected[code] = (rejected[code] ?? 0) + 1;
    else if (!givenUp.has(place)) {
      missing += 1;
      mismatches.push(`${place}: must be rejected as ${code}, and is in no queue`);
    }
  }
  for (const [place, ids] of idsByPlace) {
    if (ids.size > 1) mismatches.push(`${place}: its dead letters have ${ids.size} ids`);
  }
  return { rejected: Object.fromEntries(Object.entries(rejected).sort()), missing, mismatches };
}

function differences(
  { code, payload, index }: DeadLetterMessage,
  expected: { readonly record: StoredRecord; readonly code: string },
): readonly string[] {
  return [
    ...(code === expected.code ? [] : [`rejected as ${code}, and not as ${expected.code}`]),
    ...(index === 0 ? [] : [`its dead letter has index ${index}, and not 0`]),
    ...(payload === Buffer.from(expected.record.data).toString('base64') ? [] : ['its dead letter holds other bytes']),
  ];
}
