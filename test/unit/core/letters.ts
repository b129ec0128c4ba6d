import * as z from 'zod';
import { type EventDefinition, type EventOf, evolve, newestVersion } from '../../../lambdas/core/catalogue.ts';
import { dataSchemaOf } from '../../../lambdas/core/event.ts';
import { type Content, foldEvents, type Incoming } from '../../../lambdas/core/fold.ts';
import type { Processor } from '../../../lambdas/core/processor.ts';
import { fromAttributes, outboxOf, toAttributes } from '../../../lambdas/core/row.ts';
import { afterNoon, NOON_MS, testEvent } from '../../support/events.ts';

/** A processor whose state spells what was folded, in order: what is lost, doubled or out of order can be read off. */
export const written = evolve(testEvent('letter.written', z.object({ code: z.int() }), { code: 97 }), {
  schema: z.object({ letter: z.string() }),
  example: { letter: 'a' },
  upcast: ({ code }) => {
    if (code < 0) throw new RangeError('No letter has this code');
    return { letter: String.fromCharCode(code) };
  },
});

export interface Text {
  readonly text: string;
}

export class Illegible extends Error {
  constructor(letter: string) {
    super(`Illegible: ${letter}\n    at ${letter}:1:1\nin ${letter}`);
    this.name = 'Illegible';
  }
}

export const letters: Processor<Text, EventOf<typeof written>> = {
  name: 'letters',
  handles: [written],
  state: { version: 1, initial: () => ({ text: '' }), migrations: {} },
  reduce: ({ text }, { data: { letter } }) => {
    if (letter.startsWith('!')) throw new Illegible(letter);
    const alert = (n: number) => ({ kind: 'alert', queue: 'letters', reason: `${letter}${n}`, data: {} }) as const;
    return { state: { text: text + letter }, effects: [alert(1), alert(2)] };
  },
};

export interface Place {
  readonly shard?: number;
  readonly sequence?: number;
  readonly index?: number;
  readonly arrivalMs?: number;
  readonly id?: string;
  readonly version?: number;
  readonly traceparent?: string;
}

let sent = 0;

/** A letter in the stream, later than all before it unless `place` says otherwise, under an id of its own unless it repeats one. */
export function letter(data: string | object, place: Place = {}): Incoming {
  sent++;
  const { id = `letter-${sent}`, version = newestVersion(written), sequence = sent, traceparent } = place;
  const event = {
    specversion: '1.0',
    id,
    source: 'urn:test',
    type: written.type,
    time: afterNoon(sent),
    subject: 'text-1',
    dataschema: dataSchemaOf(written.type, version),
    data: typeof data === 'string' ? { letter: data } : data,
  } as const;
  return {
    event: traceparent === undefined ? event : { ...event, traceparent },
    definition: written as EventDefinition,
    version,
    position: {
      stream: 'letters',
      shard: `shardId-${place.shard ?? 0}`,
      sequence: String(sequence),
      index: place.index ?? 0,
    },
    arrivalMs: place.arrivalMs ?? NOON_MS,
    idHash: hashOf(id),
  };
}

/** Good enough for a test, and the same for the same id. */
const hashOf = (id: string): bigint => BigInt(`0x${Buffer.from(id).toString('hex')}`) % 2n ** 64n;

export const blank: Content<Text> = { version: 0, state: { text: '' }, marks: {}, ids: [] };

export const fold = (incoming: readonly Incoming[], base: Content<Text> = blank, fits?: (text: string) => boolean) =>
  foldEvents(letters as Processor<Text>, base, incoming, fits && (({ state }) => fits(state.text)));

/** What a row holds after the events, written to the store and read back; the same content if there was nothing to commit. */
export function commit(incoming: readonly Incoming[], base: Content<Text> = blank): Content<Text> {
  const { candidate, changed } = fold(incoming, base);
  if (!changed) return base;
  const { version, marks, ids, state } = candidate;
  const row = {
    key: 'text-1',
    version,
    epoch: 'e',
    schema: 1,
    token: 't',
    marks,
    ids,
    outbox: outboxOf(candidate, false),
    state: { ...state },
  };
  const read = fromAttributes(toAttributes(row));
  return { ...read, state: read.state as unknown as Text };
}
