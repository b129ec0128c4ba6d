import { upcast } from '../../../../lambdas/core/catalogue.ts';
import { type CloudEvent, versionOf } from '../../../../lambdas/core/event.ts';
import { ancestryOf, type Commit } from '../lineage.ts';
import type { SystemRun } from '../parts.ts';
import { type Fate, identityOf, type ProducedEvent } from '../produced.ts';
import type { StoredRecord } from '../stream.ts';
import { eventsIn } from '../streams.ts';

/** One event of a record that the stream took, or the whole of a record that holds none. */
export interface Element {
  readonly record: StoredRecord;
  /** Index inside the record. */
  readonly index: number;
  /** Absent where the bytes are no event. */
  readonly event: CloudEvent | undefined;
  readonly identity: string | undefined;
}

/** What is known of one key in the end. */
export interface KeyEvidence {
  readonly key: string;
  readonly commits: readonly Commit[];
  /** Identities of the events that the row rests on, in order, repeats included. */
  readonly applied: readonly string[];
  /** Identities that the stream took for this key, in order of their first record. */
  readonly accepted: readonly string[];
  /** Whether a fine record of the key was given up, or rejected because of crashes or broken code: its row may lack events, or have them late. */
  readonly gaps: boolean;
}

/** What one system's streams, tables and queues say at the end of a run, before it is judged. */
export interface Evidence {
  readonly run: SystemRun;
  readonly elements: readonly Element[];
  readonly keys: ReadonlyMap<string, KeyEvidence>;
  /** The first record's event of every identity, as the newest schema has it. */
  readonly events: ReadonlyMap<string, CloudEvent>;
  /** Codes of dead letters by the record's order and the index inside. */
  readonly letters: ReadonlyMap<string, ReadonlySet<string>>;
  /** Identities of which a record was given up or rejected: they may be missing, or come later than they were first put. */
  readonly unsure: ReadonlySet<string>;
  readonly fateOf: (identity: string) => Fate;
}

const APPLIED: Fate = { kind: 'applied' };

export const letterPlace = (order: number, index: number): string => `${order}/${index}`;

/** Collects what there is to know of a system. `produced` are the events of the workload, if it folds them. */
export function collect(run: SystemRun, produced: ReadonlyMap<string, ProducedEvent>): Evidence {
  const elements = run.services.stream.records.flatMap(elementsOf);
  const letters = lettersOf(run);
  const fateOf = (identity: string): Fate => produced.get(identity)?.fate ?? APPLIED;
  const { unsure, gapKeys } = doubtsOf(run, elements, letters, fateOf);
  const accepted = new Map<string, Set<string>>();
  const events = new Map<string, CloudEvent>();
  for (const { event, identity, record } of elements) {
    if (event === undefined || identity === undefined) continue;
    if (!events.has(identity)) events.set(identity, event);
    const ofKey = accepted.get(record.partitionKey) ?? new Set();
    accepted.set(record.partitionKey, ofKey.add(identity));
  }
  const { table } = run.services;
  const keys = new Map<string, KeyEvidence>();
  for (const key of new Set([...accepted.keys(), ...table.keys()])) {
    const commits = ancestryOf(table.last(key));
    const applied = commits.flatMap((commit) => commit.applied.map(identityOf));
    keys.set(key, { key, commits, applied, accepted: [...(accepted.get(key) ?? [])], gaps: gapKeys.has(key) });
  }
  return { run, elements, keys, events: newest(run, events), letters, unsure, fateOf };
}

function elementsOf(record: StoredRecord): readonly Element[] {
  const events = eventsIn(record.data) as readonly CloudEvent[];
  if (events.length === 0) return [{ record, index: 0, event: undefined, identity: undefined }];
  return events.map((event, index) => ({ record, index, event, identity: identityOf(event) }));
}

function lettersOf({ services }: SystemRun): ReadonlyMap<string, ReadonlySet<string>> {
  const letters = new Map<string, Set<string>>();
  for (const { position, cause } of services.letters) {
    if (position === undefined) continue;
    const place = letterPlace(services.stream.record(position.sequence).order, position.index);
    letters.set(place, (letters.get(place) ?? new Set()).add(cause.code));
  }
  return letters;
}

/** A letter about crashes stands for the whole record, and the record may have been committed before. */
export const crashed = (letters: Evidence['letters'], { record }: Pick<Element, 'record'>): boolean =>
  letters.get(letterPlace(record.order, 0))?.has('record.crashes') === true;

function doubtsOf(
  { discarded }: SystemRun,
  elements: readonly Element[],
  letters: Evidence['letters'],
  fateOf: Evidence['fateOf'],
): { readonly unsure: ReadonlySet<string>; readonly gapKeys: ReadonlySet<string> } {
  const unsure = new Set<string>();
  const gapKeys = new Set<string>();
  for (const element of elements) {
    const { record, index, identity } = element;
    const isRejected = letters.has(letterPlace(record.order, index)) || crashed(letters, element);
    if (!isRejected && !discarded.has(record.order)) continue;
    if (identity !== undefined) unsure.add(identity);
    const isExpected = isRejected && identity !== undefined && fateOf(identity).kind === 'rejected';
    if (!isExpected) gapKeys.add(record.partitionKey);
  }
  return { unsure, gapKeys };
}

/** Events as a reducer sees them; what has no schema stays as it is, since no reducer sees it. */
function newest({ system }: SystemRun, events: ReadonlyMap<string, CloudEvent>): ReadonlyMap<string, CloudEvent> {
  const seen = new Map<string, CloudEvent>();
  for (const [identity, event] of events) {
    const definition = system.catalogue.get(event.type);
    const version = definition && versionOf(event.dataschema, event.type);
    const parsed = version === undefined ? undefined : definition?.versions[version - 1]?.schema.safeParse(event.data);
    if (definition === undefined || version === undefined || parsed?.success !== true) seen.set(identity, event);
    else seen.set(identity, { ...event, data: upcast(definition, version, parsed.data) });
  }
  return seen;
}
