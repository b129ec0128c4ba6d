import { RECORD_LIMITS } from '../../../lambdas/core/record-limits.ts';
import { counted } from '../format.ts';
import type { Output } from '../output.ts';
import { type Edits, type Item, itemsOfDiscard, itemsOfLetter, otherStream } from './expand.ts';
import type { ExportFile } from './export.ts';
import type { Letter, Parked } from './message.ts';
import { paceOf } from './pace.ts';
import { isOfStream, READS_PER_SECOND, readRange } from './range.ts';
import { getObject, type RedriveClients, type Resources } from './stage.ts';
import type { KnownSystem } from './system.ts';

export interface OpenParts {
  readonly system: KnownSystem;
  readonly resources: Resources;
  readonly clients: RedriveClients;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly edits: Edits | undefined;
  readonly exported: ExportFile | undefined;
  /** Whether the queue is one of the system's own. What another one holds may be of another stage, whose processor has the same name. */
  readonly isOwnQueue: boolean;
}

/** Finds the events that messages stand for. */
export class Opener {
  readonly #parts: OpenParts;
  readonly #isOurs = new Map<string, Promise<boolean>>();
  readonly #turn: () => Promise<void>;

  constructor(parts: OpenParts) {
    this.#parts = parts;
    this.#turn = paceOf(READS_PER_SECOND, parts.signal);
  }

  /** @throws what the clients throw. */
  async open(parked: Parked): Promise<readonly Item[]> {
    if (parked.kind === 'letter') return this.#letter(parked.letter);
    if (parked.kind === 'foreign') return [];
    const { clients, resources, system, signal, output } = this.#parts;
    const { discard } = parked;
    output.phase(`Reading a discarded batch of ${counted(discard.batchSize)} records from ${discard.shard}`);
    const range = await readRange(clients.kinesis, resources.streamName, discard, this.#turn, signal);
    return itemsOfDiscard(discard, range, system.reading, Date.now());
  }

  async #letter(letter: Letter): Promise<readonly Item[]> {
    const { clients, resources, system, edits, exported } = this.#parts;
    if (!(await this.#isOurStream(letter))) return [otherStream(letter)];
    const { payload, payloadIn } = letter;
    // A message names the object; the bucket is the system's own, whatever the message says.
    const bytes =
      payloadIn === undefined
        ? Buffer.from(payload ?? '', 'base64')
        : await getObject(clients.s3, resources.deadLetterBucket, payloadIn.key);
    exported?.add(letter, bytes);
    return itemsOfLetter(letter, bytes, system.reading, Date.now(), edits?.get(letter.id));
  }

  /** A stream is asked once for each shard: it gives five iterators a second. */
  async #isOurStream({ shard, sequence }: Letter): Promise<boolean> {
    const { clients, resources, signal, isOwnQueue } = this.#parts;
    if (isOwnQueue || shard === undefined || sequence === undefined) return true;
    const known = this.#isOurs.get(shard) ?? isOfStream(clients.kinesis, resources.streamName, shard, sequence, signal);
    this.#isOurs.set(shard, known);
    return known;
  }
}

/** What a shard takes in a second, at most. */
const SHARD_BYTES = 1024 * 1024;

/**
 * Bytes that a message takes besides its own, at most: a payload of a record's size, or a batch. A batch is an invocation's payload, and
 * lies among those of other lanes, which came into the shard in the same time.
 */
export function weightOf(parked: Parked): number {
  if (parked.kind === 'discard') return 8 * RECORD_LIMITS.bytes + (parked.discard.spanMs / 1000) * SHARD_BYTES;
  return parked.kind === 'letter' && parked.letter.payloadIn !== undefined ? RECORD_LIMITS.bytes : 0;
}
