import { foldEvents } from '../../../lambdas/core/fold.ts';
import type { Marks } from '../../../lambdas/core/position.ts';
import type { Copy, RedriveMark } from '../../../lambdas/core/redrive.ts';
import { REDRIVE } from '../../../lambdas/core/redrive.ts';
import type { Row } from '../../../lambdas/core/row.ts';
import type { Edges, PutOutcome } from '../../../local/cli/redrive/engine.ts';
import { isDone, redriveOne } from '../../../local/cli/redrive/engine.ts';
import { type Counter, counter } from '../../support/counter.ts';
import { seededRandom } from '../../support/virtual-clock.ts';
import { candidateOf, incoming, KEY, SHARD, type StreamRecord } from './model-events.ts';
import { Turns } from './turns.ts';

/**
 * A stream, a processor that rejects while it is broken and whose batches Lambda may discard, a queue with visibility time-outs, and
 * operators who redrive, all at once and step by step: any step of an operator may be its last, and any answer may be lost.
 */

const VISIBLE_MS = 90_000;
const MINUTE = 60_000;

class Crash extends Error {}

interface Message extends StreamRecord {
  readonly fate: Copy['fate'];
  visibleMs: number;
}

export class World {
  readonly #random: () => number;
  #nowMs = Date.UTC(2026, 0, 1);
  #nextId = 1;
  readonly stream: StreamRecord[] = [];
  readonly #late: { readonly dueMs: number; readonly id: number }[] = [];
  #read = 0;
  #isBroken = false;
  row: Row | undefined;
  readonly queue = new Set<Message>();
  readonly #marks = new Map<string, RedriveMark>();
  readonly #turns: Turns;
  #hasFaults = true;
  #tokens = 0;
  readonly tally = { sent: 0, repeated: 0, inDoubt: 0, crashed: 0, deleted: 0 };

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#turns = new Turns(this.#random);
  }

  get produced(): readonly number[] {
    return Array.from({ length: this.#nextId - 1 }, (_, n) => n + 1);
  }

  get applied(): readonly number[] {
    return ((this.row?.state as Counter | undefined)?.folded ?? []).map(Number);
  }

  /** Lets operators and the world around them take turns, then mends everything and redrives what is left. */
  async run(steps: number): Promise<void> {
    const operators = [this.#operator(steps), this.#operator(steps)];
    for (let step = 0; step < steps; step++) {
      if (this.#chance(0.15)) this.#happen();
      await this.#turns.resumeOne();
    }
    this.#hasFaults = false;
    this.#isBroken = false;
    await this.#turns.finish(Promise.all(operators));
    await this.#finish();
  }

  async #finish(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      this.#pass(60 * MINUTE);
      while (this.#read < this.stream.length) this.#process();
      await this.#turns.finish(this.#redriveAll());
    }
    while (this.#read < this.stream.length) this.#process();
  }

  async #operator(steps: number): Promise<void> {
    for (let run = 0; run < steps / 10; run++) {
      try {
        await this.#redriveAll();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        this.tally.crashed++;
      }
      await this.#turns.wait();
    }
  }

  async #redriveAll(): Promise<void> {
    const seen = new Set<Message>();
    for (;;) {
      const received = [...this.queue].filter((message) => !seen.has(message) && message.visibleMs <= this.#nowMs);
      if (received.length === 0) return;
      for (const message of received.slice(0, 3)) {
        seen.add(message);
        message.visibleMs = this.#nowMs + VISIBLE_MS;
      }
      for (const message of received.slice(0, 3)) await this.#redrive(message);
    }
  }

  async #redrive(message: Message): Promise<void> {
    const outcome = await redriveOne(candidateOf(message), this.#edges(), {
      dryRun: false,
      force: false,
      strict: false,
    });
    if (outcome.kind === 'sent') this.tally.sent++;
    if (!isDone(outcome)) return;
    await this.#step();
    this.tally.deleted++;
    this.queue.delete(message);
  }

  #edges(): Edges {
    return {
      readRow: () => this.#step(() => this.row),
      readMark: (id) => this.#step(() => this.#marks.get(id)),
      writeMark: (id, mark, over) =>
        this.#step(() => {
          if (this.#marks.get(id)?.token !== over?.token) return 'conflict';
          this.#marks.set(id, mark);
          return 'written';
        }),
      undoMark: (id, mark, over) =>
        this.#step(() => {
          if (this.#marks.get(id)?.token !== mark.token) return;
          if (over === undefined) this.#marks.delete(id);
          else this.#marks.set(id, over);
        }),
      put: (candidate, notAfterMs) => this.#put(Number(candidate.markId), notAfterMs),
      settle: () => this.#step(() => 0),
      now: () => this.#nowMs,
      token: () => `t${this.#tokens++}`,
      arrivalsInOrder: true,
    };
  }

  async #put(id: number, notAfterMs: number): Promise<PutOutcome> {
    await this.#turns.wait();
    if (this.#nowMs > notAfterMs || this.#chance(0.05)) return { kind: 'not-put', message: 'refused' };
    const inDoubt = { kind: 'in-doubt', message: 'no answer' } as const;
    if (this.#chance(0.4)) {
      this.tally.inDoubt++;
      const dueMs = this.#nowMs + this.#random() * REDRIVE.putMs;
      if (this.#chance(0.7)) this.#late.push({ dueMs, id });
      if (this.#chance(0.3)) throw new Crash();
      return inDoubt;
    }
    const { sequence } = this.#append(id);
    await this.#turns.wait();
    if (this.#chance(0.1)) throw new Crash();
    return { kind: 'acknowledged', shard: SHARD, sequence: String(sequence) };
  }

  /** A request: others may come before it, and before its answer; it may be the last thing that its operator does. */
  async #step<T>(act?: () => T): Promise<T> {
    await this.#turns.wait();
    if (this.#chance(0.03)) throw new Crash();
    const result = act?.() as T;
    await this.#turns.wait();
    if (this.#chance(0.03)) throw new Crash();
    return result;
  }

  /** What goes on around the operators in one step. */
  #happen(): void {
    if (this.#chance(0.4)) this.#append(this.#nextId++);
    if (this.#chance(0.2) && this.#isCalm()) for (let n = 0; n < 40; n++) this.#append(this.#nextId++);
    if (this.#chance(0.15)) this.#isBroken = !this.#isBroken;
    const backlog = this.stream.length - this.#read;
    const taken = this.#chance(0.5) ? Math.ceil(this.#random() * backlog) : 0;
    for (let n = 0; n < taken; n++) this.#process();
    this.#pass(this.#chance(0.1) ? this.#random() * 6 * MINUTE : this.#random() * 20_000);
  }

  /** Rows recognise repeats among 256 events in 5 minutes: beyond, nothing is promised. */
  #isCalm(): boolean {
    const recently = this.stream.filter(({ arrivalMs }) => arrivalMs > this.#nowMs - 7 * MINUTE);
    return recently.length < 100;
  }

  #pass(ms: number): void {
    const until = this.#nowMs + ms;
    for (const late of this.#late.splice(0).toSorted((a, b) => a.dueMs - b.dueMs)) {
      if (late.dueMs > until) this.#late.push(late);
      else {
        this.#nowMs = Math.max(this.#nowMs, late.dueMs);
        this.#append(late.id);
      }
    }
    this.#nowMs = until;
  }

  #append(id: number): StreamRecord {
    if (this.stream.some((record) => record.id === id)) this.tally.repeated++;
    const record = { id, sequence: 1_000 + this.stream.length, arrivalMs: this.#nowMs };
    this.stream.push(record);
    return record;
  }

  #process(): void {
    const record = this.stream[this.#read++];
    if (record === undefined) return;
    if (this.#hasFaults && this.#chance(0.05)) {
      this.queue.add({ ...record, fate: 'discarded', visibleMs: 0 });
      return;
    }
    const next = incoming(record, this.#isBroken && this.#chance(0.5));
    const { row } = this;
    const base = {
      version: row?.version ?? 0,
      state: (row?.state as Counter | undefined) ?? { folded: [] },
      marks: row?.marks ?? ({} as Marks),
      ids: row?.ids ?? [],
    };
    const { candidate, outcomes, changed } = foldEvents(counter, base, [next]);
    if (outcomes[0]?.kind === 'rejected') this.queue.add({ ...record, fate: 'rejected', visibleMs: 0 });
    if (!changed) return;
    const { version, marks, ids, state } = candidate;
    const stored = { key: KEY, version, epoch: 'e', schema: 1, token: 't', marks, ids, outbox: undefined };
    this.row = { ...stored, state: { folded: state.folded } };
  }

  #chance(probability: number): boolean {
    return this.#hasFaults && this.#random() < probability;
  }
}
