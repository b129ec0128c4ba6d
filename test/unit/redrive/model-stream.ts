import { foldEvents } from '../../../lambdas/core/fold.ts';
import type { Marks } from '../../../lambdas/core/position.ts';
import type { Copy } from '../../../lambdas/core/redrive.ts';
import type { Row } from '../../../lambdas/core/row.ts';
import { type Counter, counter } from '../../support/counter.ts';
import { incoming, KEY, type StreamRecord } from './model-events.ts';

export const MINUTE = 60_000;

/** A record that its processor did not apply. */
export interface Parked extends StreamRecord {
  readonly fate: Copy['fate'];
}

/** A stream of one key with its processor, which may be broken, and a mapping that may discard. Time goes on by `pass` alone. */
export class ModelStream {
  readonly #chance: (probability: number) => boolean;
  readonly records: StreamRecord[] = [];
  /** Puts whose answers are lost, and which arrive later. */
  readonly #late: { readonly dueMs: number; readonly id: number }[] = [];
  #read = 0;
  #nextId = 1;
  nowMs = Date.UTC(2026, 0, 1);
  isBroken = false;
  row: Row | undefined;
  /** Records of events that were there before. */
  repeated = 0;

  constructor(chance: (probability: number) => boolean) {
    this.#chance = chance;
  }

  /** Ids of the events that producers sent. */
  get produced(): readonly number[] {
    return Array.from({ length: this.#nextId - 1 }, (_, n) => n + 1);
  }

  /** Ids of the events that the row holds, in order. */
  get applied(): readonly number[] {
    return ((this.row?.state as Counter | undefined)?.folded ?? []).map(Number);
  }

  get backlog(): number {
    return this.records.length - this.#read;
  }

  /** Arrival of the first record that is not processed yet, or now. */
  get reachedMs(): number {
    return this.records[this.#read]?.arrivalMs ?? this.nowMs;
  }

  /** Rows recognise repeats among 256 events in 5 minutes: beyond, nothing is promised. */
  get isCalm(): boolean {
    return this.records.filter(({ arrivalMs }) => arrivalMs > this.nowMs - 7 * MINUTE).length < 100;
  }

  /** Producers send so many new events. */
  produce(count: number): void {
    for (let n = 0; n < count; n++) this.append(this.#nextId++);
  }

  /** Events that producers sent within the window in which rows recognise their repeats. */
  get recent(): readonly number[] {
    const firsts = this.records.filter((record) => this.records.find(({ id }) => id === record.id) === record);
    return firsts.filter(({ arrivalMs }) => arrivalMs > this.nowMs - 4 * MINUTE).map(({ id }) => id);
  }

  append(id: number): StreamRecord {
    if (this.records.some((record) => record.id === id)) this.repeated++;
    const record = { id, sequence: 1_000 + this.records.length, arrivalMs: this.nowMs };
    this.records.push(record);
    return record;
  }

  appendLater(id: number, afterMs: number): void {
    this.#late.push({ dueMs: this.nowMs + afterMs, id });
  }

  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (const late of this.#late.splice(0).toSorted((a, b) => a.dueMs - b.dueMs)) {
      if (late.dueMs > until) this.#late.push(late);
      else {
        this.nowMs = Math.max(this.nowMs, late.dueMs);
        this.append(late.id);
      }
    }
    this.nowMs = until;
  }

  /** Processes the next record, if there is one. Returns it if it was not applied. */
  process(): Parked | undefined {
    const record = this.records[this.#read++];
    if (record === undefined) return undefined;
    if (this.#chance(0.05)) return { ...record, fate: 'discarded' };
    const next = incoming(record, this.isBroken && this.#chance(0.5));
    const { row } = this;
    const base = {
      version: row?.version ?? 0,
      state: (row?.state as Counter | undefined) ?? { folded: [] },
      marks: row?.marks ?? ({} as Marks),
      ids: row?.ids ?? [],
    };
    const { candidate, outcomes, changed } = foldEvents(counter, base, [next]);
    if (changed) {
      const { version, marks, ids, state } = candidate;
      const stored = { key: KEY, version, epoch: 'e', schema: 1, token: 't', marks, ids, outbox: undefined };
      this.row = { ...stored, state: { folded: state.folded } };
    }
    return outcomes[0]?.kind === 'rejected' ? { ...record, fate: 'rejected' } : undefined;
  }
}
