import { isDeepStrictEqual } from 'node:util';
import { compareSequence } from '../../lambdas/core/position.ts';
import { fromAttributes, type Row } from '../../lambdas/core/row.ts';
import { profilesProcessor } from '../../lambdas/systems/profiles/processor.ts';
import { type Facts, placeOf, type StoredRecord } from './facts.ts';
import type { Oracle, Step } from './oracle.ts';

/** What became of the updates that commits publish. */
export interface EffectAccount {
  /** Versions that the rows have had. */
  readonly commits: number;
  /** Those that had an update to publish; the others only passed the positions of repeats. */
  readonly due: number;
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
 * Every commit with effects must have published its update at least once, under one id and with one content: that of the profile as the
 * oracle has it after the commit's last event. First copies must come in the order of the commits.
 */
export function accountOfEffects(
  oracle: Oracle,
  { rows: items, commits: log, updates: records }: Pick<Facts, 'rows' | 'commits' | 'updates'>,
): { readonly account: EffectAccount; readonly mismatches: readonly string[] } {
  const { byKey, mismatches } = collect(records);
  const account = { commits: 0, due: 0, published: records.length, missing: 0 };
  for (const row of items.map(fromAttributes)) {
    const { key, version } = row;
    const updates = byKey.get(key) ?? [];
    byKey.delete(key);
    account.commits += version;
    if (oracle.uncertain.has(key)) continue;
    const published = new Set(updates.map(({ sequence }) => Number(sequence)));
    const versions = Array.from({ length: version }, (_, nth) => nth + 1);
    const due = versions.filter((one) => log.get(key)?.get(one) === 'some');
    const missing = due.filter((one) => !published.has(one));
    account.due += due.length;
    account.missing += missing.length;
    for (const one of missing) mismatches.push(`${key}: commit ${one} has effects, and published none`);
    for (const one of published) {
      if (log.get(key)?.get(one) === 'none') mismatches.push(`${key}: commit ${one} has no effects, and published one`);
    }
    mismatches.push(...judge(row, updates, oracle.lives.get(key) ?? []));
  }
  for (const key of byKey.keys()) mismatches.push(`${key}: an update was published, and there is no row`);
  return { account, mismatches };
}

/** The first copy of each update, by key and in the order of the stream. */
function collect(records: readonly StoredRecord[]): { byKey: Map<string, readonly Update[]>; mismatches: string[] } {
  const mismatches: string[] = [];
  const firsts = new Map<string, Update>();
  for (const record of records.toSorted((a, b) => compareSequence(a.sequence, b.sequence))) {
    for (const update of updatesIn(record)) {
      const first = firsts.get(update.id) ?? update;
      firsts.set(update.id, first);
      if (!isDeepStrictEqual(first, update))
        mismatches.push(`${placeOf(record)}: update ${update.id} has two contents`);
      if (update.subject !== record.partitionKey) mismatches.push(`${placeOf(record)}: an update of another key`);
    }
  }
  const byKey = new Map<string, readonly Update[]>();
  for (const update of firsts.values()) byKey.set(update.subject, [...(byKey.get(update.subject) ?? []), update]);
  return { byKey, mismatches };
}

/** Updates of one row, in the order of their first copies. */
function judge(
  { key, epoch, version: last }: Row,
  updates: readonly Update[],
  steps: readonly Step[],
): readonly string[] {
  const mismatches: string[] = [];
  const places = new Map(steps.map(({ event }, nth) => [event.id, nth]));
  let before = { version: 0, place: -1 };
  for (const update of updates) {
    const version = Number(update.sequence);
    const place = places.get(update.causationid);
    const step = place === undefined ? undefined : steps[place];
    if (place === undefined || step === undefined) {
      mismatches.push(`${key}: update ${update.id} follows from no accepted event`);
      continue;
    }
    if (version <= before.version || place <= before.place || version > last) {
      mismatches.push(
        `${key}: update ${version} comes after update ${before.version}, and its row has ${last} commits`,
      );
    }
    before = { version, place };
    if (!update.source.endsWith(`:${epoch}`)) mismatches.push(`${key}: update ${version} is of another epoch`);
    const [actual, expected] = [JSON.stringify(update.data), JSON.stringify(contentOf(key, version, step))];
    if (!isDeepStrictEqual(update.data, contentOf(key, version, step))) {
      mismatches.push(`${key}: update ${version} says ${actual}, and must say ${expected}`);
    }
  }
  if (before.place !== steps.length - 1) mismatches.push(`${key}: no update follows from its last event`);
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
