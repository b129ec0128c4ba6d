import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { CloudEvent } from '../../lambdas/core/event.ts';
import { IDS, type IdHash } from '../../lambdas/core/ids.ts';
import { fromAttributes, type Row } from '../../lambdas/core/row.ts';
import type { Oracle, Step } from './oracle.ts';

export interface RowAccount {
  readonly applied: number;
  readonly lost: number;
  readonly twice: number;
  readonly mismatches: readonly string[];
}

/** Compares the rows with the oracle's: the state, and the ids of what was folded into it. */
export function accountOfRows(
  { lives, uncertain }: Oracle,
  items: readonly Readonly<Record<string, unknown>>[],
): RowAccount {
  const rows = new Map(items.map((item) => [String(item.id), item]));
  const mismatches: string[] = [];
  const total = { applied: 0, lost: 0, twice: 0 };
  for (const [key, steps] of lives) {
    const item = rows.get(key);
    rows.delete(key);
    const ids = item === undefined ? compareIds([], steps) : compareIds(hashesIn(fromAttributes(item)), steps);
    total.applied += ids.applied;
    if (uncertain.has(key)) continue;
    total.lost += ids.lost.length;
    total.twice += ids.twice;
    for (const lost of ids.lost) mismatches.push(`${key}: ${lost} was accepted, and its row does not know it`);
    if (ids.twice > 0) mismatches.push(`${key}: its row counts ${ids.twice} events more than once`);
    if (ids.strange > 0) mismatches.push(`${key}: its row knows ${ids.strange} events that were never accepted`);
    if (item !== undefined) mismatches.push(...compareState(key, fromAttributes(item), steps));
  }
  for (const key of rows.keys()) mismatches.push(`${key}: there is a row, and no event was accepted for it`);
  return { ...total, mismatches };
}

const hashesIn = (row: Row): readonly IdHash[] => row.ids.flatMap(({ hashes }) => hashes);

/** Rows forget the oldest ids beyond a number; those count as applied, and the state must prove it. */
function compareIds(
  found: readonly IdHash[],
  steps: readonly Step[],
): { readonly applied: number; readonly lost: readonly string[]; readonly twice: number; readonly strange: number } {
  const distinct = new Set(found);
  const expected = steps.map(({ event }) => ({ name: `${event.type} ${event.id}`, hash: idHashOf(event) }));
  const hashes = new Set(expected.map(({ hash }) => hash));
  const lost = expected.slice(-IDS.most).filter(({ hash }) => !distinct.has(hash));
  return {
    applied: expected.length - lost.length,
    lost: lost.map(({ name }) => name),
    twice: found.length - distinct.size,
    strange: [...distinct].filter((hash) => !hashes.has(hash)).length,
  };
}

/** As rows remember an event; said here once more, so that the account does not take the runtime's word for it. */
const idHashOf = ({ source, id }: CloudEvent): IdHash =>
  hash('sha256', `${source.length}:${source}${id}`, 'buffer').readBigUInt64BE(0);

function compareState(key: string, row: Row, steps: readonly Step[]): readonly string[] {
  const expected = asStored(steps.at(-1)?.state ?? {});
  const actual = asStored(row.state);
  if (isDeepStrictEqual(actual, expected)) return [];
  return [`${key}: its row is ${JSON.stringify(actual)}, and must be ${JSON.stringify(expected)}`];
}

/** Members that are undefined are not stored. */
const asStored = (state: object): unknown => JSON.parse(JSON.stringify(state));
