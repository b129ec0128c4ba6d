import { newestVersion } from '../../../lambdas/core/catalogue.ts';
import { type CloudEvent, dataSchemaOf } from '../../../lambdas/core/event.ts';
import type { RejectionCode } from '../../../lambdas/core/rejection.ts';
import { FAULTS, type FaultDeck, type FaultKind } from './faults.ts';
import { Random } from './random.ts';
import type { Workload, WorkloadEvent } from './system.ts';

/** An event as its producer has it, with everything that was decided about it beforehand. */
export interface ProducedEvent {
  /** Its place in the workload: what a shrunk run names. */
  readonly index: number;
  readonly identity: string;
  readonly key: string;
  readonly partitionKey: string;
  /** When the producer has it, ms after the start. */
  readonly dueMs: number;
  readonly event: CloudEvent;
  /** The record's bytes where they are not the event's JSON. */
  readonly garbage: Uint8Array | undefined;
  readonly fate: Fate;
  /** After how many further events of its producer it is put again. */
  readonly againAfter: number | undefined;
  /** What the trace says of it. */
  readonly faults: readonly FaultKind[];
}

/** What must become of an event in the end, if nothing is given up. */
export type Fate =
  | { readonly kind: 'applied' }
  | { readonly kind: 'rejected'; readonly code: RejectionCode }
  /** Makes the function die or hang whenever it is folded, so it must be rejected as `record.crashes`. */
  | { readonly kind: 'crash' | 'hang' };

/** Names an event, as the runtime does, by source and id together. */
export const identityOf = ({ source, id }: { readonly source: string; readonly id: string }): string =>
  `${source} ${id}`;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const SOURCE = 'urn:simulated';
const APPLIED: Fate = { kind: 'applied' };

/** The workload of a run. `keep` are the indexes of the events to put; all unless given. */
export function produce(
  seed: number,
  startMs: number,
  workload: Workload,
  enabled: ReadonlySet<FaultKind>,
  keep?: ReadonlySet<number>,
): readonly ProducedEvent[] {
  const timing = Random.for('timing', seed);
  let dueMs = 0;
  let left = 0;
  const produced = workload(Random.for('workload', seed)).map((event, index) => {
    if (left-- === 0) {
      dueMs += timing.magnitude(500, 15 * MINUTE);
      left = timing.whole(3, 40);
    } else dueMs += timing.between(0, 400);
    return decorate(Random.for('event', seed, index), index, dueMs, startMs, event, enabled);
  });
  return keep === undefined ? produced : produced.filter(({ index }) => keep.has(index));
}

/** Counts the faults that the producers' events bring along. */
export function countEventFaults(produced: readonly ProducedEvent[], deck: FaultDeck): void {
  for (const { faults } of produced) for (const kind of faults) if (!COUNTED_ELSEWHERE.has(kind)) deck.count(kind);
}

/** They count when they strike the function, or are put. */
const COUNTED_ELSEWHERE: ReadonlySet<FaultKind> = new Set(['record-crash', 'record-hang', 'repeat']);

function decorate(
  random: Random,
  index: number,
  dueMs: number,
  startMs: number,
  { key, type, version = newestVersion(type), data }: WorkloadEvent,
  enabled: ReadonlySet<FaultKind>,
): ProducedEvent {
  const faults: FaultKind[] = [];
  const hit = (kind: FaultKind): boolean => {
    const struck = random.chance(FAULTS[kind].rate) && enabled.has(kind);
    if (struck) faults.push(kind);
    return struck;
  };
  let timeMs = startMs + dueMs;
  if (hit('clock-skew')) timeMs += random.between(-10 * MINUTE, 4 * MINUTE);
  if (hit('out-of-order')) timeMs -= random.between(1_000, MINUTE);
  if (hit('late-event')) timeMs -= random.magnitude(60 * MINUTE, 5 * DAY);
  const event: CloudEvent = {
    specversion: '1.0',
    id: `e${index}`,
    source: SOURCE,
    type: type.type,
    time: new Date(timeMs).toISOString(),
    subject: key,
    dataschema: dataSchemaOf(type.type, version),
    data,
  };
  const plain = {
    index,
    identity: identityOf(event),
    key,
    partitionKey: key,
    dueMs,
    event,
    garbage: undefined,
    faults,
  };
  const killer = hit('record-crash') ? 'crash' : hit('record-hang') ? 'hang' : undefined;
  if (killer !== undefined) return { ...plain, fate: { kind: killer }, againAfter: undefined };
  const againAfter = hit('repeat') ? random.whole(0, 10) : undefined;
  if (hit('misrouted')) {
    const fate = { kind: 'rejected', code: 'event.misrouted' } as const;
    return { ...plain, partitionKey: `not-${key}`, fate, againAfter };
  }
  if (hit('poison')) return { ...plain, ...random.pick(POISONS)(event), againAfter };
  return { ...plain, fate: APPLIED, againAfter };
}

type Poison = (event: CloudEvent) => Partial<Pick<ProducedEvent, 'event' | 'garbage'>> & Pick<ProducedEvent, 'fate'>;

const rejected = (code: RejectionCode): Fate => ({ kind: 'rejected', code });
const bytes =
  (code: RejectionCode, garbage: Uint8Array): Poison =>
  () => ({ garbage, fate: rejected(code) });
const changed =
  (code: RejectionCode, change: Partial<CloudEvent>): Poison =>
  (event) => ({ event: { ...event, ...change }, fate: rejected(code) });

const POISONS: readonly Poison[] = [
  bytes('record.empty', new Uint8Array()),
  bytes('record.invalid-utf8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d])),
  bytes('record.not-json', Buffer.from('id,price\n1,2')),
  bytes('record.gzip-corrupt', Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x01])),
  bytes('record.forbidden-key', Buffer.from('{"__proto__":{"admin":true}}')),
  bytes('event.invalid-envelope', Buffer.from('{"specversion":"1.0"}')),
  changed('event.unknown-type', { type: 'simulated.unknown', dataschema: dataSchemaOf('simulated.unknown', 1) }),
  (event) => changed('event.unknown-version', { dataschema: dataSchemaOf(event.type, 999) })(event),
  changed('event.invalid-data', { data: null }),
  // Days ahead, so that it is still the future however long its put is held up.
  (event) => changed('event.from-future', { time: new Date(Date.parse(event.time) + 20 * DAY).toISOString() })(event),
  () => ({ fate: rejected('event.reducer-threw') }),
];
