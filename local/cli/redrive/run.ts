import { RECORD_LIMITS } from '../../../lambdas/core/record-limits.ts';
import { reasonOf as reasonOfError } from '../errors.ts';
import { counted } from '../format.ts';
import type { Output } from '../output.ts';
import { carryOut, mayGo, type Opened, type Settled } from './carry-out.ts';
import type { Edges } from './engine.ts';
import { type Edits, type Item, itemsOfDiscard, itemsOfLetter } from './expand.ts';
import type { ExportFile } from './export.ts';
import { isWanted } from './list.ts';
import { type Letter, type Parked, parseMessage, reasonOf } from './message.ts';
import type { RedriveOptions } from './options.ts';
import { paceOf } from './pace.ts';
import type { Held, ParkedQueue } from './queue.ts';
import { readRange } from './range.ts';
import { describeSettled, settledJson } from './show.ts';
import { deadLettersOf, getObject, type RedriveClients, type Resources } from './stage.ts';
import { addTo, emptySummary, leftCode, type Summary } from './summary.ts';
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

  constructor(parts: RunParts) {
    this.#parts = parts;
    const { resources, options, signal } = parts;
    this.#summary = emptySummary(resources.name, options.stage, !options.send);
    this.#pace = options.send ? paceOf(options.rate, signal) : () => Promise.resolve();
  }

  /** What the run came to. */
  summary(): Summary {
    const { edits } = this.#parts;
    const editsNotFound = [...(edits?.keys() ?? [])].filter((letter) => !this.#editsUsed.has(letter));
    return { ...this.#summary, editsNotFound };
  }

  /** Takes the messages of a queue, unless something has failed before. */
  async drain(queue: ParkedQueue): Promise<void> {
    const { options, signal } = this.#parts;
    const held = new Map<string, Held>();
    const wants = (message: Held): boolean => this.#wants(this.#parse(message));
    const weigh = (message: Held): number => message.body.length + weightOf(this.#parse(message));
    try {
      for await (const wave of wavesOf(queue, held, { limit: options.limit, signal, wants, weigh })) {
        this.#summary.messages.read += wave.length;
        await this.#redrive(queue, wave, held);
        if (this.#summary.failures.length > 0) return;
      }
    } finally {
      this.#parts.output.status('');
      await queue.release([...held.values()]);
    }
  }

  #parse({ body }: Held): Parked {
    return parseMessage(body, this.#parts.resources);
  }

  #wants(parked: Parked): boolean {
    const { options, edits } = this.#parts;
    if (parked.kind === 'foreign') {
      this.#summary.messages.foreign++;
      return false;
    }
    if (edits !== undefined) return parked.kind === 'letter' && edits.has(parked.letter.id);
    return isWanted(options.reason, reasonOf(parked));
  }

  async #redrive(queue: ParkedQueue, wave: readonly Held[], held: Map<string, Held>): Promise<void> {
    const { edges, clients, resources, options, signal } = this.#parts;
    const opened: Opened[] = [];
    for (const message of wave) {
      if (signal.aborted) break;
      const one = await this.#open(message);
      if (one !== undefined) opened.push(one);
      await queue.keep([...held.values()]);
    }
    if (options.export !== undefined && !options.send) {
      this.#summary.messages.left += wave.length;
      return;
    }
    const deadLetters = deadLettersOf(clients, resources);
    const run = {
      edges,
      deadLetters,
      options: { dryRun: !options.send, force: options.force, strict: options.strict },
      signal,
      pace: this.#pace,
    };
    // As many at a time as are done before any of their messages could be visible again.
    for (let from = 0; from < opened.length; ) {
      const some = upTo(opened, from, options.send ? options.rate * SLICE_SECONDS : Number.POSITIVE_INFINITY);
      from += some.length;
      const onSettled = (settled: Settled): void => this.#tell(settled);
      const { settled, failures } = await carryOut(some, { ...run, onSettled });
      this.#summary.failures.push(...failures);
      await this.#removeDone(queue, settled, held);
      await queue.keep([...held.values()]);
      if (failures.length > 0 || signal.aborted) break;
    }
    this.#summary.messages.left += wave.filter(({ messageId }) => held.has(messageId)).length;
  }

  async #removeDone(queue: ParkedQueue, settled: readonly Settled[], held: Map<string, Held>): Promise<void> {
    if (!this.#parts.options.send) return;
    const byMessage = Map.groupBy(settled, ({ opened }) => opened.message);
    const done = [...byMessage].filter(([, all]) => all.every(({ fate }) => mayGo(fate))).map(([message]) => message);
    const failed = await queue.remove(done);
    if (failed > 0) this.#summary.failures.push(`The queue did not remove ${failed} messages that are done`);
    for (const { messageId } of done) held.delete(messageId);
    this.#summary.messages.removed += done.length - failed;
  }

  /** Reads what a message stands for. Undefined if that fails: the message stays. */
  async #open(message: Held): Promise<Opened | undefined> {
    const parked = this.#parse(message);
    try {
      const items = parked.kind === 'letter' ? await this.#openLetter(parked.letter) : await this.#openDiscard(parked);
      const letterId = parked.kind === 'letter' ? { letterId: parked.letter.id } : {};
      return { message, reason: reasonOf(parked), items, ...letterId };
    } catch (error) {
      if (!this.#parts.signal.aborted) this.#summary.failures.push(reasonOfError(error));
      return undefined;
    }
  }

  async #openLetter(letter: Letter): Promise<readonly Item[]> {
    const { clients, resources, system, edits, exported } = this.#parts;
    const { payload, payloadIn } = letter;
    // A message names the object; the bucket is the system's own, whatever the message says.
    const bytes =
      payloadIn === undefined
        ? Buffer.from(payload ?? '', 'base64')
        : await getObject(clients.s3, resources.deadLetterBucket, payloadIn.key);
    if (bytes !== undefined) exported?.add(letter, bytes);
    this.#editsUsed.add(letter.id);
    return itemsOfLetter(letter, bytes, system.reading, Date.now(), edits?.get(letter.id));
  }

  async #openDiscard(parked: Parked): Promise<readonly Item[]> {
    if (parked.kind !== 'discard') return [];
    const { clients, resources, system, signal, output } = this.#parts;
    output.phase(
      `Reading a discarded batch of ${counted(parked.discard.batchSize)} records from ${parked.discard.shard}`,
    );
    const range = await readRange(clients.kinesis, resources.streamName, parked.discard, signal);
    return itemsOfDiscard(parked.discard, range, system.reading, Date.now());
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

/** What a message points at: a payload of a record's size at most, or a batch, which is an invocation's payload at most, among those of other lanes. */
function weightOf(parked: Parked): number {
  if (parked.kind === 'discard') return 8 * RECORD_LIMITS.bytes;
  return parked.kind === 'letter' && parked.letter.payloadIn !== undefined ? RECORD_LIMITS.bytes : 0;
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
