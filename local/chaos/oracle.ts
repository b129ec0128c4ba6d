import { upcast } from '../../lambdas/core/catalogue.ts';
import { type CloudEvent, versionOf } from '../../lambdas/core/event.ts';
import { compareSequence } from '../../lambdas/core/position.ts';
import type { RejectionCode } from '../../lambdas/core/rejection.ts';
import { catalogue } from '../../lambdas/systems/catalogue.ts';
import type { ShopEvent } from '../../lambdas/systems/profiles/events.ts';
import { profilesProcessor } from '../../lambdas/systems/profiles/processor.ts';
import type { Profile } from '../../lambdas/systems/profiles/reducer.ts';
import type { OnFailureDocument } from '../esm/protocol.ts';
import { type Facts, placeOf, type StoredRecord } from './facts.ts';
import type { Meaning } from './load.ts';

/** One event in the life of a key, and the state after it. */
export interface Step {
  readonly event: CloudEvent;
  readonly state: Profile;
}

/** What must have become of the stream. */
export interface Oracle {
  /** By key, in the order of the stream: every accepted event once. */
  readonly lives: ReadonlyMap<string, readonly Step[]>;
  /** Keys of which Lambda gave a record up: what became of that one, nobody can tell. */
  readonly uncertain: ReadonlySet<string>;
  readonly duplicates: number;
  /** Records that must be in the dead-letter queue, by place. */
  readonly garbage: ReadonlyMap<string, { readonly record: StoredRecord; readonly code: RejectionCode }>;
  /** Places of records that Lambda gave up. */
  readonly givenUp: ReadonlySet<string>;
  /** Records that nobody sent. */
  readonly unknown: number;
  readonly mismatches: readonly string[];
}

/** Folds what the stream holds, each event once, in the order of its key. */
export function foldStream({ sent, stream, documents }: Facts): Oracle {
  const meanings = new Map(sent.map(({ partitionKey, data, meaning }) => [contentOf(partitionKey, data), meaning]));
  const givenUp = placesOf(documents, stream);
  const missing = new Set(meanings.keys());
  const mismatches: string[] = [];
  const lives = new Map<string, Step[]>();
  const garbage = new Map<string, { record: StoredRecord; code: RejectionCode }>();
  const uncertain = new Set<string>();
  const known = new Set<string>();
  let duplicates = 0;
  let unknown = 0;
  for (const record of stream.toSorted((a, b) => compareSequence(a.sequence, b.sequence))) {
    const content = contentOf(record.partitionKey, record.data);
    missing.delete(content);
    const meaning = meanings.get(content);
    if (givenUp.has(placeOf(record))) uncertain.add(record.partitionKey);
    if (meaning === undefined) {
      unknown += 1;
      mismatches.push(`${placeOf(record)}: the stream holds a record that nobody sent`);
    } else if (meaning.kind === 'rejected') garbage.set(placeOf(record), { record, code: meaning.code });
    else if (known.has(nameOf(meaning.event))) duplicates += 1;
    else {
      known.add(nameOf(meaning.event));
      live(lives, meaning.event);
    }
  }
  for (const content of missing)
    mismatches.push(`a record was accepted, and is not in the stream: ${told(meanings.get(content))}`);
  for (const place of givenUp) mismatches.push(`${place}: Lambda gave the record up, although it must never`);
  return { lives, uncertain, duplicates, garbage, givenUp, unknown, mismatches };
}

function live(lives: Map<string, Step[]>, event: CloudEvent): void {
  const key = event.subject;
  const steps = lives.get(key) ?? [];
  lives.set(key, steps);
  const before = steps.at(-1)?.state ?? profilesProcessor.state.initial(key);
  steps.push({ event, state: profilesProcessor.reduce(before, newest(event)).state });
}

/** The event with its data as the reducer knows them. */
function newest(event: CloudEvent): ShopEvent {
  const definition = catalogue.get(event.type);
  const version = versionOf(event.dataschema, event.type);
  if (definition === undefined || version === undefined)
    throw new RangeError(`The load holds an event of ${event.type}`);
  return { ...event, data: upcast(definition, version, event.data) } as ShopEvent;
}

/** What tells an event from all others. */
const nameOf = ({ source, id }: CloudEvent): string => JSON.stringify([source, id]);

const contentOf = (partitionKey: string, data: Uint8Array): string =>
  `${partitionKey} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`;

const told = (meaning: Meaning | undefined): string =>
  meaning?.kind === 'event' ? `${meaning.event.type} ${meaning.event.id}` : `garbage, ${meaning?.code ?? 'unknown'}`;

/** The documents name the ends of a batch; it held all of one key's or several keys' records between them that it was given. */
function placesOf(documents: readonly OnFailureDocument[], stream: readonly StoredRecord[]): ReadonlySet<string> {
  const places = new Set<string>();
  for (const { KinesisBatchInfo: batch } of documents) {
    for (const record of stream) {
      if (record.shard !== batch.shardId) continue;
      if (compareSequence(record.sequence, batch.startSequenceNumber) < 0) continue;
      if (compareSequence(record.sequence, batch.endSequenceNumber) > 0) continue;
      places.add(placeOf(record));
    }
  }
  return places;
}
