import * as z from 'zod';
import { catalogueOf, type EventOf } from '../../lambdas/core/catalogue.ts';
import { publish } from '../../lambdas/core/effect.ts';
import { dataSchemaOf } from '../../lambdas/core/event.ts';
import type { Processor } from '../../lambdas/core/processor.ts';
import type { RawRecord } from '../../lambdas/runtime/decode/record.ts';
import { testEvent } from './events.ts';

/** A small system whose rows tell exactly which events they folded, in which order: what tests of the runtime need. */
export const happened = testEvent('test.happened', z.object({ throws: z.boolean().optional() }), {});
/** Nothing that the counter folds. */
export const other = testEvent('test.other', z.object({}), {});
/** The counter after an event. */
export const counted = testEvent('test.counted', z.object({ id: z.string(), count: z.int() }), { id: 'a', count: 1 });
/** The counter after a commit. */
export const committed = testEvent('test.committed', z.object({ count: z.int() }), { count: 1 });

export const testCatalogue = catalogueOf([happened, other, counted, committed]);

export interface Counter {
  /** Ids of the events folded, in order. */
  readonly folded: readonly string[];
}

/** Folds ids; publishes one event per event and one per commit. */
export const counter: Processor<Counter, EventOf<typeof happened>> = {
  name: 'counter',
  handles: [happened],
  state: { version: 1, initial: () => ({ folded: [] }), migrations: {} },
  reduce: (state, event) => {
    if (event.data.throws) throw new Error('as told');
    const folded = [...state.folded, event.id];
    return {
      state: { folded },
      effects: [publish('out', counted, event.subject, { id: event.id, count: folded.length })],
    };
  },
  effectsOfCommit: ({ key, state }) => [publish('out', committed, key, { count: state.folded.length })],
};

/** The same without effects. */
export const silentCounter: Processor<Counter, EventOf<typeof happened>> = {
  name: counter.name,
  handles: counter.handles,
  state: counter.state,
  reduce: (state, event) => ({ state: counter.reduce(state, event).state }),
};

export interface RecordOptions {
  readonly id?: string;
  readonly key?: string;
  readonly partitionKey?: string;
  readonly shard?: string;
  readonly sequence?: number | string;
  readonly arrivalMs?: number;
  readonly type?: string;
  readonly data?: object;
  readonly extensions?: object;
}

/** Arrival of records that say none; the virtual clock starts a minute later. */
export const ARRIVAL = Date.UTC(2026, 0, 1) - 60_000;

/** The JSON of an event for the counter. */
export const eventJson = ({
  id = 'e1',
  key = 'k',
  arrivalMs = ARRIVAL,
  type = happened.type,
  data = {},
  extensions = {},
}: RecordOptions = {}): object => ({
  specversion: '1.0',
  id,
  source: 'urn:test',
  type,
  time: new Date(arrivalMs).toISOString(),
  subject: key,
  dataschema: dataSchemaOf(type, 1),
  data,
  ...extensions,
});

/** A record that holds one event for the counter. */
export function record(options: RecordOptions = {}): RawRecord {
  return rawRecord(Buffer.from(JSON.stringify(eventJson(options))), options);
}

/** A record of any bytes. */
export function rawRecord(
  data: Uint8Array,
  {
    key = 'k',
    partitionKey = key,
    shard = 'shardId-000000000000',
    sequence = 1,
    arrivalMs = ARRIVAL,
  }: RecordOptions = {},
): RawRecord {
  return { shard, sequence: String(sequence), partitionKey, arrivalMs, data };
}
