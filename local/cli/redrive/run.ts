import { counted } from '../format.ts';
import type { Output } from '../output.ts';
import { whyNot } from '../status/section.ts';
import { carryOut, MOST_FAILURES, mayGo, type Opened, type Settled } from './carry-out.ts';
import type { Edges } from './engine.ts';
import type { Edits } from './expand.ts';
import type { ExportFile } from './export.ts';
import { isWanted } from './list.ts';
import { type Parked, parseMessage, reasonOf } from './message.ts';
import { Opener, weightOf } from './open.ts';
import type { RedriveOptions } from './options.ts';
import { paceOf } from './pace.ts';
import { type Held, type ParkedQueue, whileHolding } from './queue.ts';
import { describeSettled, settledJson } from './show.ts';
import { deadLettersOf, type RedriveClients, type Resources } from './stage.ts';
import { addForeign, addTo, emptySummary, leftCode, type Summary } from './summary.ts';
import type { KnownSystem } from './system.ts';
import { wavesOf } from './wave.ts';

export interface RunParts {
  readonly system: KnownSystem;
  readonly resources: Resources;
  readonly clients: RedriveClients;
  readonly edges: Edges;
  readonly options: RedriveOptions;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly edits: Edits | undefined;
  readonly exported: ExportFile | undefined;
}

/**
 * One run over the queues of a system. A message is removed once every event of it is in the stream, applied or in the dead-letter queue, and
 * visible again otherwise. Ctrl-C ends the run between two events; what is under way is finished first.
 */
export class Run {
  readonly #parts: RunParts;
  readonly #summary: Summary;
  readonly #pace: () => Promise<void>;
  readonly #editsUsed = new Set<string>();
  /** Queues that were read to their end. */
  #queuesSeen = 0;
  #queues = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
    const { resources, options, signal } = parts;
    this.#summary = emptySummary(resources.name, options.stage, !options.send);
    this.#pace = options.send ? paceOf(options.rate, signal) : () => Promise.resolve();
  }

  /** What the run came to. */
  summary(): Summary {
    const { edits } = this.#parts;
    const { messages } = this.#summary;
    const complete = this.#queuesSeen === this.#queues;
    // Of letters that were not reached there is nothing to say.
    const sought = complete ? [...(edits?.keys() ?? [])] : [];
    const editsNotFound = sought.filter((letter) => !this.#editsUsed.has(letter));
    const left = messages.read - messages.removed;
    return { ...this.#summary, messages: { ...messages, left }, complete, editsNotFound };
  }

  /** Takes the messages of a queue, unless too much has failed before. */
  async drain({ queue, isOwn }: { readonly queue: ParkedQueue; readonly isOwn: boolean }): Promise<void> {
    this.#queues++;
    if (this.#isOver()) return;
    const { options, signal } = this.#parts;
    const opener = new Opener({ ...this.#parts, isOwnQueue: isOwn });
    const wants = (message: Held): boolean => this.#wants(this.#parse(message));
    const weigh = (message: Held): number => message.body.length + weightOf(this.#parse(message));
    await whileHolding(queue, this.#summary.failures, async () => {
      this.#summary.messages.hidden += await queue.hiddenByOthers();
      let read = 0;
      for await (const wave of wavesOf(queue, { limit: options.limit, signal, wants, weigh })) {
        read += wave.length;
        this.#summary.messages.read += wave.length;
        await this.#redrive(queue, wave, opener);
        if (this.#isOver()) break;
      }
      if (read < options.limit && !this.#isOver()) this.#queuesSeen++;
    });
  }

  #isOver(): boolean {
    return this.#parts.signal.aborted || this.#summary.failures.length >= MOST_FAILURES;
  }

  #parse({ body }: Held): Parked {
    return parseMessage(body, this.#parts.resources);
  }

  #wants(parked: Parked): boolean {
    const { options, edits } = this.#parts;
    if (parked.kind === 'foreign') {
      addForeign(this.#summary, parked.why);
      return false;
    }
    if (edits !== undefined) return parked.kind === 'letter' && edits.has(parked.letter.id);
    return isWanted(options.reason, reasonOf(parked));
  }

  async #redrive(queue: ParkedQueue, wave: readonly Held[], opener: Opener): Promise<void> {
    const { edges, clients, resources, options, signal } = this.#parts;
    const opened: Opened[] = [];
    for (const message of wave) {
      if (this.#isOver()) break;
      const one = await this.#open(message, opener);
      if (one !== undefined) opened.push(one);
      await queue.keep();
    }
    if (options.export !== undefined) return;
    const deadLetters = deadLettersOf(clients, resources);
    const run = {
      edges,
      deadLetters,
      options: { dryRun: !options.send, force: options.force, strict: options.strict },
      signal,
      pace: this.#pace,
      onSettled: (settled: Settled): void => this.#tell(settled),
      failures: this.#summary.failures,
    };
    // As many at a time as are done before any of their messages could be visible again.
    for (let from = 0; from < opened.length; ) {
      const some = upTo(opened, from, options.send ? options.rate * SLICE_SECONDS : Number.POSITIVE_INFINITY);
      from += some.length;
      await this.#removeDone(queue, await carryOut(some, run));
      await queue.keep();
      if (this.#isOver()) break;
    }
  }

  async #removeDone(queue: ParkedQueue, settled: readonly Settled[]): Promise<void> {
    if (!this.#parts.options.send) return;
    const byMessage = Map.groupBy(settled, ({ opened }) => opened.message);
    const done = [...byMessage].filter(([, all]) => all.every(({ fate }) => mayGo(fate))).map(([message]) => message);
    const failed = await queue.remove(done);
    if (failed > 0) this.#summary.failures.push(`The queue did not remove ${failed} messages that are done`);
    this.#summary.messages.removed += done.length - failed;
  }

  /** Reads what a message stands for. Undefined if that fails: the message stays. */
  async #open(message: Held, opener: Opener): Promise<Opened | undefined> {
    const parked = this.#parse(message);
    const letterId = parked.kind === 'letter' ? { letterId: parked.letter.id } : {};
    try {
      const items = await opener.open(parked);
      if (parked.kind === 'letter') this.#editsUsed.add(parked.letter.id);
      return { message, reason: reasonOf(parked), items, ...letterId };
    } catch (error) {
      if (!this.#parts.signal.aborted) this.#summary.failures.push(whyNot(error));
      return undefined;
    }
  }

  #tell(settled: Settled): void {
    const { options, output } = this.#parts;
    addTo(this.#summary, settled);
    const { events, left } = this.#summary;
    const kept = Object.values(left).reduce((sum, count) => sum + count, 0);
    output.status(`${counted(events.sent)} sent · ${counted(events.applied)} applied · ${counted(kept)} left`);
    if (options.json) output.result(JSON.stringify(settledJson(settled)));
    else if (!options.send || leftCode(settled) !== undefined) output.result(describeSettled(settled));
  }
}

/** Well below the time for which messages are hidden. */
const SLICE_SECONDS = 60;

/** Messages from `from` on, as many as hold so many events together, and one at least. */
function upTo(opened: readonly Opened[], from: number, most: number): readonly Opened[] {
  let to = from;
  let events = 0;
  do events += opened[to++]?.items.length ?? 0;
  while (to < opened.length && events + (opened[to]?.items.length ?? 0) <= most);
  return opened.slice(from, to);
}
