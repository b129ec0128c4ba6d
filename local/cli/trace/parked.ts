import type { SystemManifest } from '../../../lambdas/core/manifest.ts';
import { compareSequence } from '../../../lambdas/core/position.ts';
import { originalEvent, type Reading } from '../redrive/events.ts';
import { type Discard, type Letter, parseMessage } from '../redrive/message.ts';
import { ParkedQueue } from '../redrive/queue.ts';
import type { Resources } from '../redrive/stage.ts';
import { wavesOf } from '../redrive/wave.ts';
import type { ParkedTrace } from './model.ts';
import type { Place } from './place.ts';
import type { Sighting } from './scan.ts';

/** Messages of a queue that a trace looks at. */
export const MOST_MESSAGES = 2_000;

/** A system's queues, looked through once; each event is then asked of what was there. */
export class Parked {
  readonly #letters: Letter[] = [];
  readonly #discards: Discard[] = [];
  readonly #reading: Pick<Reading, 'adapter'>;

  private constructor(reading: Pick<Reading, 'adapter'>) {
    this.#reading = reading;
  }

  /** Messages are hidden while it looks, and visible again when it ends. */
  static async look(
    { clients, outputs }: Place,
    manifest: SystemManifest,
    resources: Resources,
    reading: Pick<Reading, 'adapter'>,
    signal: AbortSignal,
  ): Promise<Parked> {
    const parked = new Parked(reading);
    const owner = { ...resources, name: manifest.name };
    for (const url of [resources.deadLetterQueueUrl, resources.onFailureQueueUrl]) {
      const queue = new ParkedQueue(clients.sqs, url, outputs.local === undefined ? 'service' : 'local', Date.now);
      try {
        const options = { limit: MOST_MESSAGES, signal, wants: () => true };
        for await (const wave of wavesOf(queue, options)) {
          for (const { body } of wave) {
            const message = parseMessage(body, owner);
            if (message.kind === 'letter') parked.#letters.push(message.letter);
            if (message.kind === 'discard') parked.#discards.push(message.discard);
          }
        }
      } finally {
        await queue.release();
      }
    }
    return parked;
  }

  /** What waits of an event, by its places in the stream and by its id. */
  of(sightings: readonly Sighting[]): readonly ParkedTrace[] {
    const letters = this.#letters.filter((letter) => sightings.some((sighting) => this.#isOf(letter, sighting)));
    const discards = this.#discards.filter((discard) => sightings.some(({ position }) => isIn(discard, position)));
    return [
      ...letters.map(({ code, id, message }) => ({ queue: 'dead-letters', reason: code, name: id, message }) as const),
      ...discards.map(({ condition, shard, start, end, batchSize }) => ({
        queue: 'on-failure' as const,
        reason: condition,
        name: `${shard}/${start} to ${end}`,
        message: `a discarded batch of ${batchSize} records that may have held it`,
      })),
    ];
  }

  #isOf(letter: Letter, { position, event }: Sighting): boolean {
    const { shard, sequence, index, payload, arrival, partitionKey = '' } = letter;
    if (shard === position.shard && sequence === position.sequence && index === position.index) return true;
    if (payload === undefined) return false;
    const data = Buffer.from(payload, 'base64');
    const record = { shard: '', sequence: '0', partitionKey, arrivalMs: Date.parse(arrival ?? ''), data };
    const found = originalEvent(data, { fate: 'rejected', position, record }, this.#reading);
    return found?.id === event.id && found.source === event.source;
  }
}

const isIn = ({ shard, start, end }: Discard, { shard: at, sequence }: Sighting['position']): boolean =>
  shard === at && compareSequence(start, sequence) <= 0 && compareSequence(sequence, end) <= 0;
