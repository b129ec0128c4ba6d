import { REDRIVE, type RedriveMark } from '../../../lambdas/core/redrive.ts';
import { type Edges, isDone, type PutOutcome, redriveOne } from '../../../local/cli/redrive/engine.ts';
import { seededRandom } from '../../support/virtual-clock.ts';
import { candidateOf, SHARD } from './model-events.ts';
import { MINUTE, ModelStream, type Parked } from './model-stream.ts';
import { Turns } from './turns.ts';

/**
 * A stream, a processor that rejects while it is broken and whose batches Lambda may discard, a queue with visibility time-outs, and
 * operators who redrive, all at once and step by step: any step of an operator may be its last, and any answer may be lost.
 */

const VISIBLE_MS = 90_000;

class Crash extends Error {}

interface Message extends Parked {
  visibleMs: number;
}

export interface WorldOptions {
  /** Whether producers send an event twice, within the window in which rows recognise it. */
  readonly retries?: boolean;
  /** Operators take rows alone for a proof, and touch no message while a repeat of its producer's may be under way. */
  readonly strict?: boolean;
  /** How often producers send so much at once that rows forget what was before. Default: 0.2 of all steps. */
  readonly bursts?: number;
}

export class World {
  readonly #random: () => number;
  readonly #options: WorldOptions;
  readonly stream: ModelStream;
  readonly queue = new Set<Message>();
  readonly #marks = new Map<string, RedriveMark>();
  readonly #turns: Turns;
  #hasFaults = true;
  #tokens = 0;
  readonly tally = { sent: 0, inDoubt: 0, crashed: 0, deleted: 0 };

  constructor(seed: number, options: WorldOptions = {}) {
    this.#random = seededRandom(seed);
    this.#options = options;
    this.stream = new ModelStream((probability) => this.#chance(probability));
    this.#turns = new Turns(this.#random);
  }

  /** Lets operators and the world around them take turns, then mends everything and redrives what is left. */
  async run(steps: number): Promise<void> {
    const operators = [this.#operator(steps), this.#operator(steps)];
    for (let step = 0; step < steps; step++) {
      if (this.#chance(0.15)) this.#happen();
      await this.#turns.resumeOne();
    }
    this.#hasFaults = false;
    this.stream.isBroken = false;
    await this.#turns.finish(Promise.all(operators));
    for (let round = 0; round < 4; round++) {
      this.stream.pass(60 * MINUTE);
      this.#process(this.stream.backlog);
      await this.#turns.finish(this.#redriveAll());
    }
    this.#process(this.stream.backlog);
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
      const visible = [...this.queue].filter((message) => message.visibleMs <= this.stream.nowMs);
      const received = visible.filter((message) => !seen.has(message) && this.#isRipe(message)).slice(0, 3);
      if (received.length === 0) return;
      for (const message of received) {
        seen.add(message);
        message.visibleMs = this.stream.nowMs + VISIBLE_MS;
      }
      for (const message of received) await this.#redrive(message);
    }
  }

  #isRipe({ arrivalMs }: Message): boolean {
    return this.#options.strict !== true || this.stream.reachedMs > arrivalMs + 5 * MINUTE;
  }

  async #redrive(message: Message): Promise<void> {
    const { strict = false } = this.#options;
    const outcome = await redriveOne(candidateOf(message), this.#edges(), { dryRun: false, force: false, strict });
    if (outcome.kind === 'sent') this.tally.sent++;
    if (!isDone(outcome)) return;
    await this.#step();
    this.tally.deleted++;
    this.queue.delete(message);
  }

  #edges(): Edges {
    return {
      readRow: () => this.#step(() => this.stream.row),
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
      now: () => this.stream.nowMs,
      token: () => `t${this.#tokens++}`,
      arrivalsInOrder: true,
    };
  }

  async #put(id: number, notAfterMs: number): Promise<PutOutcome> {
    await this.#turns.wait();
    if (this.stream.nowMs > notAfterMs || this.#chance(0.05)) return { kind: 'not-put', message: 'refused' };
    if (this.#chance(0.4)) {
      this.tally.inDoubt++;
      const afterMs = this.#random() * REDRIVE.putMs;
      if (this.#chance(0.7)) this.stream.appendLater(id, afterMs);
      if (this.#chance(0.3)) throw new Crash();
      return { kind: 'in-doubt', message: 'no answer' };
    }
    const { sequence } = this.stream.append(id);
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
    const { stream } = this;
    if (this.#chance(0.4)) stream.produce(1);
    if (this.#options.retries === true && this.#chance(0.1)) this.#retry();
    if (this.#chance(this.#options.bursts ?? 0.2) && stream.isCalm) stream.produce(40);
    if (this.#chance(0.15)) stream.isBroken = !stream.isBroken;
    if (this.#chance(0.5)) this.#process(Math.ceil(this.#random() * stream.backlog));
    stream.pass(this.#chance(0.1) ? this.#random() * 6 * MINUTE : this.#random() * 20_000);
  }

  #retry(): void {
    const { recent } = this.stream;
    const id = recent[Math.floor(this.#random() * recent.length)];
    if (id !== undefined) this.stream.append(id);
  }

  #process(count: number): void {
    for (let n = 0; n < count; n++) {
      const parked = this.stream.process();
      if (parked !== undefined) this.queue.add({ ...parked, visibleMs: 0 });
    }
  }

  #chance(probability: number): boolean {
    return this.#hasFaults && this.#random() < probability;
  }
}
