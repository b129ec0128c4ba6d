import { isDeepStrictEqual } from 'node:util';
import type { Catalogue } from '../../../lambdas/core/catalogue.ts';
import type { Effect } from '../../../lambdas/core/effect.ts';
import type { CloudEvent } from '../../../lambdas/core/event.ts';
import { type Candidate, type Content, foldEvents, type Incoming, type Outcome } from '../../../lambdas/core/fold.ts';
import { itemSize, MAX_ITEM_BYTES } from '../../../lambdas/core/item-size.ts';
import { migrate } from '../../../lambdas/core/processor.ts';
import { type Attributes, fromAttributes, outboxOf, type Row, toAttributes } from '../../../lambdas/core/row.ts';
import { type DecodeSettings, decodeRecord } from '../../../lambdas/runtime/decode/record.ts';
import { NOON_MS, recordOf, SUBJECT, sequenceNumber } from '../events.ts';
import { BrokenPromise, type Checked } from './checked.ts';
import { deepFreeze } from './purity.ts';

/** What one commit made of a row. */
export interface Result<State extends object> {
  readonly row: Row;
  readonly state: State;
  readonly before: State;
  readonly effects: readonly Effect[];
  readonly effectsOfCommit: readonly Effect[];
  readonly outcomes: readonly Outcome[];
  /** What the reducer threw last, if anything. */
  readonly thrown: unknown;
}

/** Commits events as the runtime does, one key, no failures. */
export class Bench<State extends object> {
  readonly #checked: Checked<State>;
  readonly #settings: DecodeSettings;
  #records = 0;

  constructor(own: Checked<State>, catalogue: Catalogue) {
    this.#checked = own;
    this.#settings = {
      processor: own.processor.name,
      stream: 'specification',
      catalogue,
      handled: new Set(own.processor.handles.map(({ type }) => type)),
      kplProducers: false,
      futureToleranceMs: Number.POSITIVE_INFINITY,
      replayMode: false,
    };
  }

  /** The row after one event more, which must be applied or recognised. */
  apply(row: Row | undefined, event: CloudEvent): Row {
    const result = this.commit(row, [event]);
    accepted(result);
    return result.row;
  }

  commit(row: Row | undefined, events: readonly CloudEvent[]): Result<State> {
    const key = events[0]?.subject ?? row?.key ?? SUBJECT;
    const base = this.#contentOf(row, key);
    const incoming = events.map((event) => this.#incoming(event, key));
    const { processor, broken, thrown } = this.#checked;
    const fits = (candidate: Candidate<State>): boolean =>
      broken.length > 0 || itemSize(this.#item(key, candidate.state, row, candidate)) <= MAX_ITEM_BYTES;
    const { candidate, outcomes, changed } = foldEvents(processor, base, incoming, fits);
    const [first] = broken;
    if (first !== undefined) throw first;
    if (outcomes.length < events.length) throw new Error('These events outgrow a row of 400 KB: give fewer at a time');
    if (outcomes.every(({ kind }) => kind !== 'rejected')) this.#cutOtherwise(base, incoming, candidate);
    const stored = changed ? this.#store(key, candidate.state, row, candidate) : (row ?? this.#store(key, base.state));
    const state = migrate(processor.state, stored.schema, stored.state);
    const commit = { key, version: stored.version, state };
    return {
      row: stored,
      state,
      before: base.state,
      effects: candidate.effects.map(({ effect }) => effect),
      effectsOfCommit: changed && candidate.cause !== undefined ? (processor.effectsOfCommit?.(commit) ?? []) : [],
      outcomes,
      thrown: thrown.at(-1),
    };
  }

  stored(state: object, schema: number): Row {
    return { ...this.#store(SUBJECT, state), schema };
  }

  #contentOf(row: Row | undefined, key: string): Content<State> {
    const { state } = this.#checked.processor;
    if (row === undefined) return { version: 0, state: state.initial(key), marks: {}, ids: [] };
    return { ...row, state: deepFreeze(migrate(state, row.schema, deepFreeze(row.state))) };
  }

  /** The row as it comes back from the store. */
  #store(key: string, state: object, over?: Row, candidate?: Candidate<State>): Row {
    return deepFreeze(fromAttributes(this.#item(key, state, over, candidate)));
  }

  #item(key: string, state: object, over?: Row, candidate?: Candidate<State>): Attributes {
    const { processor } = this.#checked;
    return toAttributes({
      key,
      version: candidate?.version ?? over?.version ?? 1,
      epoch: 'epoch',
      schema: processor.state.version,
      token: 'token',
      marks: candidate?.marks ?? {},
      ids: candidate?.ids ?? [],
      outbox: candidate && outboxOf(candidate, processor.effectsOfCommit !== undefined),
      state: JSON.parse(JSON.stringify(state)),
    });
  }

  #incoming(event: CloudEvent, key: string): Incoming {
    if (event.subject !== key) {
      throw new Error(`A row has one key: ${event.type} is of ${event.subject}, the events before it of ${key}`);
    }
    const nth = ++this.#records;
    const place = { partitionKey: key, sequence: sequenceNumber(nth), arrivalMs: NOON_MS + nth * 1_000 };
    const [item] = decodeRecord(recordOf(event, place), this.#settings).items;
    if (item?.kind === 'event') return item.incoming;
    if (item?.kind === 'rejected') {
      const { code, message, details } = item.cause;
      throw new Error(
        `The test's own ${event.type} is no valid event: ${code}, ${message} ${JSON.stringify(details ?? {})}`,
      );
    }
    throw new Error(
      `${this.#settings.processor} does not fold ${event.type}; it folds ${[...this.#settings.handled].join(', ')}`,
    );
  }

  /** State and effects may not depend on which events shared a commit. */
  #cutOtherwise(
    base: Content<State>,
    incoming: readonly Incoming[],
    whole: Content<State> & { effects: unknown },
  ): void {
    let content = base;
    const effects: unknown[] = [];
    for (const one of incoming) {
      const { candidate } = foldEvents(this.#checked.processor, content, [one]);
      effects.push(...candidate.effects);
      content = { ...candidate, state: JSON.parse(JSON.stringify(candidate.state)) };
    }
    const uncut = JSON.parse(JSON.stringify({ state: whole.state, effects: whole.effects }));
    if (isDeepStrictEqual(uncut, JSON.parse(JSON.stringify({ state: content.state, effects })))) return;
    throw new BrokenPromise('Folded one by one and stored in between, the events give another state or other effects');
  }
}

/** An event that was rejected although nobody expected it says why, with what the reducer really threw. */
export function accepted({ outcomes, thrown }: Pick<Result<object>, 'outcomes' | 'thrown'>): void {
  for (const outcome of outcomes) {
    if (outcome.kind === 'rejected')
      throw new Error(`${outcome.cause.code}: ${outcome.cause.message}`, { cause: thrown });
  }
}
