import type { Cause } from '../../../lambdas/core/effect.ts';
import type { SystemManifest } from '../../../lambdas/core/manifest.ts';
import { compareSequence } from '../../../lambdas/core/position.ts';
import { commitEffectId, effectId, keyHash } from '../../../lambdas/runtime/identity.ts';
import { traceOf } from '../../../lambdas/runtime/trace-context.ts';
import type { ReadPosition } from '../../esm/protocol.ts';
import { traceLog } from './logged.ts';
import type { EffectTrace, Hop, SystemTrace } from './model.ts';
import { Parked } from './parked.ts';
import { logOf, type Place, readersOf, resources, scanOf } from './place.ts';
import { traceRow } from './row.ts';
import { type Sighting, scan } from './scan.ts';

/** Effects of one event that are looked for. */
const MOST_EFFECTS = 64;

export interface Follow {
  readonly place: Place;
  readonly from: ReadPosition;
  /** Streams that an event is followed through, one after another. */
  readonly hops: number;
  readonly signal: AbortSignal;
  readonly onPhase: (what: string) => void;
}

/** Follows events through streams, rows and queues. Each system's queues are looked through once. */
export class Follower {
  readonly #run: Follow;
  readonly #parked = new Map<string, Promise<Parked>>();

  constructor(run: Follow) {
    this.#run = run;
  }

  /** The event's hops, by the streams that hold it, with all that follows from each. */
  async follow(eventId: string, subject: string | undefined): Promise<readonly Hop[]> {
    const hops: Hop[] = [];
    for (const { name } of this.#run.place.code.streams) {
      const found = await this.#scan(
        name,
        ({ event }) => event.id === eventId && (subject === undefined || event.subject === subject),
      );
      // One id of several sources, or of several keys, is so many events.
      for (const [first, ...others] of Map.groupBy(found, identityOf).values()) {
        if (first !== undefined) hops.push(await this.#hop(name, [first, ...others], 1));
      }
    }
    return hops;
  }

  async #hop(stream: string, sightings: readonly [Sighting, ...Sighting[]], depth: number): Promise<Hop> {
    const [{ event }] = sightings;
    const to = sightings.every(({ event: { millraceto } }) => millraceto !== undefined) ? event.millraceto : undefined;
    const readers = readersOf(this.#run.place, stream).filter(({ name }) => to === undefined || to === name);
    const systems: SystemTrace[] = [];
    for (const system of readers) {
      const processor = this.#run.place.code.processors.find(({ name }) => name === system.name);
      if (!processor?.handles.some(({ type }) => type === event.type)) continue;
      systems.push(await this.#system(system, stream, sightings, depth));
    }
    return { stream, sightings, trace: traceOf(causeIn(event)), systems };
  }

  async #system(
    system: SystemManifest,
    stream: string,
    sightings: readonly [Sighting, ...Sighting[]],
    depth: number,
  ): Promise<SystemTrace> {
    const { place } = this.#run;
    const [first] = sightings;
    this.#run.onPhase(`Looking at the row of ${system.name}`);
    const row = await traceRow(place, resources(place, system), first);
    const parked = (await this.#parkedOf(system, stream)).of(sightings);
    this.#run.onPhase(`Looking at the log of ${system.name}`);
    const log = await traceLog(() => logOf(place, system), sightings, this.#run.signal);
    const effects = depth < this.#run.hops ? await this.#effects(system, stream, first, row?.knowsId, depth) : [];
    const traced = { system: system.name, keyHash: keyHash(first.event.subject), parked, log, effects };
    return row === undefined ? traced : { ...traced, row };
  }

  #parkedOf(system: SystemManifest, stream: string): Promise<Parked> {
    const { place, signal } = this.#run;
    const known = this.#parked.get(system.name);
    if (known !== undefined) return known;
    this.#run.onPhase(`Looking at the queues of ${system.name}`);
    const { reading } = scanOf(place, stream, this.#run.from, signal);
    const { adapter } = reading;
    const looked = Parked.look(
      place,
      system,
      resources(place, system),
      adapter === undefined ? {} : { adapter },
      signal,
    );
    this.#parked.set(system.name, looked);
    return looked;
  }

  /** What the row published because of the event: by the event itself, and by the commit that folded it. */
  async #effects(
    { name: processor, outputStreams }: SystemManifest,
    stream: string,
    { event, position, arrivalMs }: Sighting,
    isApplied: boolean | undefined,
    depth: number,
  ): Promise<readonly EffectTrace[]> {
    if (outputStreams.length === 0) return [];
    const since: ReadPosition = { kind: 'AT_TIMESTAMP', timestampMs: arrivalMs };
    const after = (await this.#scan(stream, (one) => one.event.subject === event.subject, since)).filter(
      (one) => one.arrivalMs > arrivalMs || isAtOrAfter(one, position),
    );
    const causes = [event, ...after.map((one) => one.event)];
    const effects: EffectTrace[] = [];
    for (const output of outputStreams) {
      const sender = `urn:millrace:${processor}:`;
      const sent = await this.#scan(
        output,
        (one) => one.event.source.startsWith(sender) && isCausedBy(one, causes),
        since,
      );
      for (const published of effectsAmong(sent, processor, event, causes, isApplied === true)) {
        const { of, sighting } = published;
        const same = sent.filter((one) => identityOf(one) === identityOf(sighting) && one !== sighting);
        const hop = await this.#hop(output, [sighting, ...same], depth + 1);
        effects.push({ of, version: Number(sighting.event.sequence), hop });
      }
    }
    return effects;
  }

  #scan(stream: string, keep: (sighting: Sighting) => boolean, from = this.#run.from): Promise<readonly Sighting[]> {
    const { place, signal, onPhase } = this.#run;
    onPhase(`Looking through ${stream}`);
    return scan(scanOf(place, stream, from, signal), keep);
  }
}

const identityOf = ({ event }: Sighting): string => JSON.stringify([event.source, event.id, event.subject]);

const isAtOrAfter = ({ position: a }: Sighting, b: Sighting['position']): boolean =>
  a.shard !== b.shard || compareSequence(a.sequence, b.sequence) >= 0;

const causeOf = ({ event }: Sighting): string | undefined =>
  'causationid' in event && typeof event.causationid === 'string' ? event.causationid : undefined;

const isCausedBy = (sighting: Sighting, causes: readonly { readonly id: string }[]): boolean =>
  causes.some(({ id }) => id === causeOf(sighting));

interface Effect {
  readonly of: EffectTrace['of'];
  readonly sighting: Sighting;
}

/**
 * Effects say which event caused them, and their ids say whether it was the event or its commit. A commit's effect names the last event that
 * it folded: of an applied event it is the first one sent at or after it.
 */
function effectsAmong(
  sent: readonly Sighting[],
  processor: string,
  event: Sighting['event'],
  causes: readonly Sighting['event'][],
  isApplied: boolean,
): readonly Effect[] {
  const firsts = [...Map.groupBy(sent, identityOf).values()].flatMap(([first]) => first ?? []);
  const key = event.subject;
  const own = firsts.filter((one) => causeOf(one) === event.id && isEffectOf(one, processor, key, event));
  const ofCommits = firsts
    .filter((one) => causes.some((cause) => cause.id === causeOf(one) && isCommitEffectOf(one, processor, key, cause)))
    .toSorted((a, b) => Number(a.event.sequence) - Number(b.event.sequence));
  const version = own.length > 0 ? own[0]?.event.sequence : isApplied ? ofCommits[0]?.event.sequence : undefined;
  return [
    ...own.map((sighting): Effect => ({ of: 'event', sighting })),
    ...ofCommits
      .filter(({ event: { sequence } }) => sequence === version)
      .map((sighting): Effect => ({ of: 'commit', sighting })),
  ];
}

/** An event as the effects that follow from it name it. */
const causeIn = ({ id, source, time, traceparent }: Sighting['event']): Cause =>
  traceparent === undefined ? { id, source, time } : { id, source, time, traceparent };

const INDEXES = Array.from({ length: MOST_EFFECTS }, (_, index) => index);

const isEffectOf = ({ event: { id } }: Sighting, processor: string, key: string, cause: Sighting['event']): boolean =>
  INDEXES.some((index) => id === effectId(processor, key, causeIn(cause), index));

function isCommitEffectOf({ event }: Sighting, processor: string, key: string, cause: Sighting['event']): boolean {
  const epoch = event.source.slice(event.source.lastIndexOf(':') + 1);
  const row = { key, epoch, version: Number(event.sequence) };
  return INDEXES.some((index) => event.id === commitEffectId(processor, row, causeIn(cause), index));
}
