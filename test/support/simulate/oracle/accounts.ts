import type { Breach } from '../world.ts';
import { crashed, type Element, type Evidence, type KeyEvidence, letterPlace } from './evidence.ts';

/** Every record that the stream took is applied, a duplicate of one that is, ignored, rejected or in the on-failure queue. */
export function* breachesOfAccounts(evidence: Evidence): Iterable<Breach> {
  const handled = new Set(evidence.run.system.processors.flatMap(({ handles }) => handles.map(({ type }) => type)));
  const missing = new Set<string>();
  const applied = new Map([...evidence.keys.values()].map((key) => [key.key, new Set(key.applied)]));
  for (const element of evidence.elements) {
    const { record, index, identity, event } = element;
    const isApplied = identity !== undefined && applied.get(record.partitionKey)?.has(identity) === true;
    const isRejected = evidence.letters.has(letterPlace(record.order, index)) || crashed(evidence.letters, element);
    if (isApplied || isRejected || evidence.run.discarded.has(record.order)) continue;
    const isKnown = event !== undefined && evidence.run.system.catalogue.has(event.type);
    if (isKnown && !handled.has(event.type)) continue;
    const what = `${nameOf(evidence, element)} is neither applied nor rejected nor given up`;
    yield { kind: 'unaccounted', message: what };
    if (identity === undefined || missing.has(identity) || evidence.fateOf(identity).kind !== 'applied') continue;
    missing.add(identity);
    yield { kind: 'lost', message: `${nameOf(evidence, element)} counts nowhere` };
  }
}

/** Every event counts once, in the order in which its key's events were put; what can never be applied does not count. */
export function* breachesOfOrder(evidence: Evidence): Iterable<Breach> {
  for (const key of evidence.keys.values()) {
    yield* breachesOfTable(evidence, key);
    const seen = new Set<string>();
    for (const identity of key.applied) {
      if (seen.has(identity) && evidence.run.system.repeats !== 'harmless') {
        yield { kind: 'twice', message: `${at(evidence, key)}: ${identity} counts twice` };
      }
      seen.add(identity);
      if (evidence.fateOf(identity).kind !== 'applied') {
        yield { kind: 'state', message: `${at(evidence, key)}: ${identity} counts although it can never be applied` };
      }
    }
    const isSure = (identity: string): boolean =>
      !evidence.unsure.has(identity) && evidence.fateOf(identity).kind === 'applied' && seen.has(identity);
    const expected = key.accepted.filter(isSure);
    const actual = [...seen].filter(isSure);
    const nth = actual.findIndex((identity, place) => identity !== expected[place]);
    if (nth >= 0) {
      const message = `${at(evidence, key)}: folded ${actual[nth]} where ${expected[nth]} was put`;
      yield { kind: 'order', message };
    }
  }
}

/** Each version of a row rests on the one before: no commit was overwritten by one that did not know it. */
function* breachesOfTable(evidence: Evidence, { key, commits }: KeyEvidence): Iterable<Breach> {
  for (const [nth, { row }] of commits.entries()) {
    if (row.version === nth + 1) continue;
    yield {
      kind: 'state',
      message: `${evidence.run.system.name} ${key}: version ${row.version} rests on ${nth} commits`,
    };
    return;
  }
}

/** Dead letters are about what deserves one, under one id a place, with the bytes that came. */
export function* breachesOfLetters(evidence: Evidence): Iterable<Breach> {
  const { services, system } = evidence.run;
  const elements = new Map(
    evidence.elements.map((element) => [letterPlace(element.record.order, element.index), element]),
  );
  const idsByPlace = new Map<string, string>();
  for (const { id, position, cause, payload } of services.letters) {
    const record = position && services.stream.record(position.sequence);
    const place = record === undefined ? '' : letterPlace(record.order, position?.index ?? 0);
    const element = elements.get(place);
    if (record === undefined || element === undefined) {
      yield { kind: 'letter', message: `${system.name}: letter ${id} (${cause.code}) is about nothing that was put` };
      continue;
    }
    const known = idsByPlace.get(place) ?? id;
    idsByPlace.set(place, known);
    if (known !== id)
      yield { kind: 'letter', message: `${nameOf(evidence, element)} has letters under ${known} and ${id}` };
    if (!isJustified(evidence, element, cause.code)) {
      yield { kind: 'letter', message: `${nameOf(evidence, element)} was rejected as ${cause.code}, which it is not` };
    }
    const whole = cause.code === 'record.crashes' || element.event === undefined;
    const bytes = whole ? record.data : Buffer.from(JSON.stringify(element.event));
    if (!Buffer.from(payload).equals(bytes)) {
      yield { kind: 'letter', message: `${nameOf(evidence, element)}: its letter holds other bytes than came` };
    }
  }
}

function isJustified(evidence: Evidence, { identity, event }: Element, code: string): boolean {
  const { brokenOn } = evidence.run.services;
  // Judged when the letter was written.
  if (code === 'record.crashes') return true;
  if (identity !== undefined && code === 'event.reducer-threw' && brokenOn.has(identity)) return true;
  if (event === undefined || identity === undefined)
    return code.startsWith('record.') || code === 'event.invalid-envelope';
  const fate = evidence.fateOf(identity);
  return fate.kind === 'rejected' && fate.code === code;
}

const nameOf = ({ run }: Evidence, { record, identity }: Element): string =>
  `${run.system.name} #${record.order} of ${record.partitionKey} (${identity ?? 'no event'})`;

const at = ({ run }: Evidence, { key }: KeyEvidence): string => `${run.system.name} ${key}`;
