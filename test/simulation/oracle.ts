import { ATTRIBUTES } from '../../lambdas/core/names.ts';
import type { AddressedEffect } from '../../lambdas/runtime/ports.ts';
import type { Run } from './delivery.ts';

/** What the runs say to each promise: each function returns one sentence for every breach. */

/** Every event counts once, in the order of its key's first delivery; only what was given up may be missing. */
export function breachesOfStates({ world, produced, discarded }: Run): readonly string[] {
  const breaches: string[] = [];
  for (const key of new Set(produced.map(({ event }) => event.key))) {
    const folded = foldedBy(world.store.row(key)?.state);
    if (new Set(folded).size !== folded.length) breaches.push(`${key}: an event counts twice in ${folded.join(' ')}`);
    const records = produced.filter(({ event }) => event.key === key && !event.throws);
    const ids = new Set([...records.map(({ event }) => event.id), `last-${key}`]);
    for (const id of folded) if (!ids.has(id)) breaches.push(`${key}: ${id} was never accepted`);
    const sure = records.filter(({ event }) =>
      records.every((other) => other.event.id !== event.id || !discarded.has(other.raw.sequence)),
    );
    const expected = [...new Set(sure.map(({ event }) => event.id)), `last-${key}`];
    const actual = folded.filter((id) => expected.includes(id));
    if (actual.join(' ') !== expected.join(' '))
      breaches.push(`${key}: folded ${actual.join(' ')}, not ${expected.join(' ')}`);
  }
  return breaches;
}

/** Every effect of every event and commit was accepted at least once, under one id and with one content. */
export function breachesOfEffects({ world, produced }: Run): readonly string[] {
  const breaches: string[] = [];
  const contents = new Map<string, string>();
  for (const effect of world.sink.accepted) {
    const content = JSON.stringify([effect.key, effect.version, effect.cause, effect.effect]);
    const known = contents.get(effect.id) ?? content;
    if (known !== content) breaches.push(`effect ${effect.id} has two contents: ${known} and ${content}`);
    contents.set(effect.id, content);
  }
  const counts = new Map(world.sink.accepted.flatMap(countedOf));
  const commits = new Set(
    world.sink.accepted.flatMap((effect) =>
      isOf(effect, 'test.committed') ? [`${effect.key}/${effect.version}`] : [],
    ),
  );
  for (const key of new Set(produced.map(({ event }) => event.key))) {
    foldedBy(world.store.row(key)?.state).forEach((id, nth) => {
      if (counts.get(`${key}/${id}`) !== nth + 1) breaches.push(`${key}: the effect of ${id} is lost or wrong`);
    });
    world.store.history(key).forEach((item, nth) => {
      // A commit that only passes a repeat has no effects.
      if (item[ATTRIBUTES.outbox] !== undefined && !commits.has(`${key}/${nth + 1}`))
        breaches.push(`${key}: the effect of commit ${nth + 1} is lost`);
    });
  }
  return breaches;
}

/** Every event that can never be applied is kept, under one id a record, unless it was given up. */
export function breachesOfLetters({ world, produced, discarded }: Run): readonly string[] {
  const kept = new Set(world.deadLetters.letters.map(({ position }) => position?.sequence));
  const ids = new Map(world.deadLetters.letters.map(({ id, position }) => [id, position?.sequence]));
  const breaches = ids.size === kept.size ? [] : ['a record has letters under several ids'];
  for (const { event, raw } of produced) {
    if (!event.throws && kept.has(raw.sequence)) breaches.push(`${event.id} was rejected although it is fine`);
    if (event.throws && !kept.has(raw.sequence) && !discarded.has(raw.sequence))
      breaches.push(`${event.id} is in no queue`);
  }
  return breaches;
}

const foldedBy = (state: Readonly<Record<string, unknown>> | undefined): readonly string[] =>
  Array.isArray(state?.folded) ? state.folded : [];

const isOf = ({ effect }: AddressedEffect, type: string): boolean => effect.kind === 'publish' && effect.type === type;

function countedOf({ key, effect }: AddressedEffect): readonly (readonly [string, number])[] {
  if (effect.kind !== 'publish' || effect.type !== 'test.counted') return [];
  const { id, count } = effect.data as { id: string; count: number };
  return [[`${key}/${id}`, count]];
}
