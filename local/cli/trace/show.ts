import { counted, plural } from '../format.ts';
import { printable } from '../output.ts';
import type { Mask } from '../tail/mask.ts';
import type { EffectTrace, Hop, ParkedTrace, RowTrace, SystemTrace } from './model.ts';

/** How a trace is shown. */
export interface Words {
  /** For subjects. */
  readonly mask: Pick<Mask, 'value'>;
}

/** A processor's source names the row that sent: its key is the subject of somebody. */
const sourceOf = (source: string, { mask }: Words): string =>
  source.replace(/^(urn:millrace:[^:]+:)([^:]+)(?=:[^:]+$)/, (_, processor: string, key: string) => {
    return `${processor}${mask.value(unescaped(key))}`;
  });

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // Somebody else's source that only looks like one of a processor.
    return key;
  }
}

/** A hop and all that follows from it, for people. */
export function describeHop(hop: Hop, words: Words, indent = ''): string {
  const [first, ...others] = hop.sightings;
  const { event } = first;
  const lines = [
    `${indent}${event.type}  ${printable(event.id)}  of ${printable(String(words.mask.value(event.subject)))}, ${event.time}`,
    `${indent}  source      ${printable(sourceOf(event.source, words))}`,
    `${indent}  trace       ${hop.trace.traceId}, span ${hop.trace.spanId}${event.traceparent === undefined ? ' (begun by its id)' : ''}`,
    `${indent}  in stream   ${hop.stream} at ${placeOf(first)}`,
    ...others.map((again) => `${indent}  again       at ${placeOf(again)}`),
    ...(hop.systems.length === 0 ? [`${indent}  No system folds it from ${hop.stream}.`] : []),
    ...hop.systems.flatMap((system) => describeSystem(system, words, `${indent}  `)),
  ];
  return lines.join('\n');
}

const placeOf = ({ position, arrivalMs, event: { millraceto } }: Hop['sightings'][number]): string =>
  `${position.shard}/${position.sequence}/${position.index}, arrived ${new Date(arrivalMs).toISOString()}` +
  (millraceto === undefined ? '' : `, for ${printable(millraceto)} alone`);

function describeSystem(traced: SystemTrace, words: Words, indent: string): readonly string[] {
  return [
    `${indent}${traced.system}, key hash ${traced.keyHash}`,
    ...(traced.row === undefined
      ? [`${indent}  row         none: nothing of its key was ever applied`]
      : describeRow(traced.row, indent)),
    ...describeLog(traced.log, indent),
    ...traced.parked.map((one) => `${indent}  ${describeParked(one)}`),
    ...traced.effects.flatMap((effect) => describeEffect(effect, words, indent)),
  ];
}

function describeRow(
  { version, epoch, knowsId, idsReachTo, passed, outbox }: RowTrace,
  indent: string,
): readonly string[] {
  const place = passed ? 'the row has passed its position' : 'the row has not reached its position';
  const unknown =
    idsReachTo === undefined
      ? `not applied: the row has forgotten no id, and does not know this one; ${place}`
      : `its id is not in the row, whose ids reach back to ${idsReachTo}; ${place}`;
  const effects = {
    empty: 'had no effects',
    settled: 'effects are sent',
    unsettled: 'effects are sent again before its next one',
  };
  return [
    `${indent}  row         version ${counted(version)}, epoch ${epoch}`,
    `${indent}  event       ${knowsId ? 'applied: the row knows its id' : unknown}`,
    `${indent}  last commit ${effects[outbox]}`,
  ];
}

const WHAT = { finished: 'in the range of', again: 'in the range of', blocked: 'key blocked,' } as const;

function describeLog(log: SystemTrace['log'], indent: string): readonly string[] {
  if (!('items' in log)) return [`${indent}  log         cannot be read: ${printable(log.error)}`];
  const { items } = log;
  if (items.length === 0) return [`${indent}  log         no batch with it yet, or its lines have expired`];
  return items.map(({ time, what, detail, request }) => {
    const by = request === undefined ? '' : `; request ${request}`;
    return `${indent}  log         ${time} ${WHAT[what]} ${printable(detail)}${by}`;
  });
}

const describeParked = ({ queue, reason, name, message }: ParkedTrace): string =>
  `waits       in ${queue}, ${reason}: ${message} (${name})`;

function describeEffect({ of, version, hop }: EffectTrace, words: Words, indent: string): readonly string[] {
  const why = of === 'event' ? 'because of it' : 'because of the commit that folded it';
  return [`${indent}  published   ${why}, as version ${counted(version)}:`, describeHop(hop, words, `${indent}    `)];
}

export const describeNothing = (eventId: string, since: string): string =>
  `No stream holds ${printable(eventId)} from ${since} on: look further back with --since, or its retention has passed`;

/** The same as one JSON object a hop. */
export function hopJson({ stream, sightings, trace, systems }: Hop, words: Words): object {
  const [{ event }] = sightings;
  return {
    event: {
      id: event.id,
      source: sourceOf(event.source, words),
      type: event.type,
      time: event.time,
      subject: words.mask.value(event.subject),
      ...('causationid' in event ? { causationid: event.causationid } : {}),
    },
    trace,
    stream,
    records: sightings.map(({ position, arrivalMs, event: { millraceto } }) => ({
      ...position,
      arrival: new Date(arrivalMs).toISOString(),
      ...(millraceto === undefined ? {} : { millraceto }),
    })),
    systems: systems.map(({ effects, ...system }) => ({
      ...system,
      effects: effects.map(({ of, version, hop }) => ({ of, version, ...hopJson(hop, words) })),
    })),
  };
}

/** `2 hops`: streams that the event and what follows from it went through. */
export const hopsOf = (hop: Hop): number =>
  1 + Math.max(0, ...hop.systems.flatMap(({ effects }) => effects.map((effect) => hopsOf(effect.hop))));

export const describeHops = (hops: readonly Hop[]): string => plural(Math.max(0, ...hops.map(hopsOf)), 'hop');
