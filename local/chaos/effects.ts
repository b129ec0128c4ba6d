import { isDeepStrictEqual } from 'node:util';
import { compareSequence } from '../../lambdas/core/position.ts';
import { fromAttributes, type Row } from '../../lambdas/core/row.ts';
import { profilesProcessor } from '../../lambdas/systems/profiles/processor.ts';
import { placeOf, type StoredRecord } from './facts.ts';
import type { Oracle, Step } from './oracle.ts';

/** What became of the updates that commits publish. */
export interface EffectAccount {
  /** Commits: each publishes one update. */
  readonly commits: number;
  /** Updates in their stream, repeats included. */
  readonly published: number;
  /** Updates that are not there although their commit is. */
  readonly missing: number;
}

/** An update as the stream holds it. */
interface Update {
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly sequence: string;
  /** The event that caused it: in the load, no two events share an id. */
  readonly causationid: string;
  readonly data: unknown;
}

/**
 * Every commit must have published its update at least once, under one id and with one content: that of the profile as the oracle has it
 * after the commit's last event. First copies must come in the order of the commits.
 */
export function accountOfEffects(
  oracle: Oracle,
  items: readonly Readonly<Record<string, unknown>>[],
  records: readonly StoredRecord[],
): { readonly account: EffectAccount; readonly mismatches: readonly string[] } {
  const rows = new Map(items.map((item) => [String(item.id), fromAttributes(item)]));
  const mismatches: string[] = [];
  const byKey = new Map<string, Map<string, Update>>();
  for (const record of records.toSorted((a, b) => compareSequence(a.sequence, b.sequence))) {
    for (const update of updatesIn(record)) {
      const known = byKey.get(update.subject) ?? new Map<string, Update>();
      byKey.set(update.subject, known);
      const first = known.get(update.id) ?? update;
      if (!isDeepStrictEqual(first, update))
        mismatches.push(`${placeOf(record)}: update ${update.id} has two contents`);
      if (update.subject !== record.partitionKey) mismatches.push(`${placeOf(record)}: an update of another key`);
      known.set(update.id, first);
    }
  }
  let commits = 0;
  let missing = 0;
  for (const [key, row] of rows) {
    commits += row.version;
    if (oracle.uncertain.has(key)) continue;
    const updates = [...(byKey.get(key)?.values() ?? [])];
    mismatches.push(...judge(key, row, updates, oracle.lives.get(key) ?? []));
    missing += Math.max(0, row.version - updates.length);
  }
  for (const key of byKey.keys())
    if (!rows.has(key)) mismatches.push(`${key}: an update was published, and there is no row`);
  return { account: { commits, published: records.length, missing }, mismatches };
}

/** Updates of one key, in the order of their first copies. */
function judge(key: string, row: Row, updates: readonly Update[], steps: readonly Step[]): readonly string[] {
  const mismatches: string[] = [];
  const places = new Map(steps.map(({ event }, nth) => [event.id, nth]));
  let before = -1;
  updates.forEach((update, nth) => {
    const version = nth + 1;
    const place = places.get(update.causationid);
    const step = place === undefined ? undefined : steps[place];
    if (place === undefined || step === undefined) {
      mismatches.push(`${key}: update ${update.id} follows from no accepted event`);
      return;
    }
    if (place <= before || Number(update.sequence) !== version) {
      mismatches.push(`${key}: update ${update.id} is the ${version}. to come, and says version ${update.sequence}`);
    }
    before = place;
    const expected = contentOf(key, version, step);
    if (!update.source.endsWith(`:${row.epoch}`)) mismatches.push(`${key}: update ${update.id} is of another epoch`);
    if (!isDeepStrictEqual(update.data, expected)) {
      mismatches.push(
        `${key}: update ${version} says ${JSON.stringify(update.data)}, and must say ${JSON.stringify(expected)}`,
      );
    }
  });
  if (updates.length !== row.version) {
    mismatches.push(`${key}: its row has ${row.version} commits, and published ${updates.length} updates`);
  }
  return mismatches;
}

function contentOf(key: string, version: number, { state }: Step): unknown {
  const [effect] = profilesProcessor.effectsOfCommit?.({ key, version, state }) ?? [];
  return effect?.kind === 'publish' ? JSON.parse(JSON.stringify(effect.data)) : undefined;
}

function updatesIn({ data }: StoredRecord): readonly Update[] {
  const parsed = JSON.parse(Buffer.from(data).toString()) as Update | readonly Update[];
  return Array.isArray(parsed) ? parsed : [parsed as Update];
}
