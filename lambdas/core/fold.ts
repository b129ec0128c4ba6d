import { type EventDefinition, upcast } from './catalogue.ts';
import type { Cause, PendingEffect } from './effect.ts';
import type { CloudEvent } from './event.ts';
import { hashesOf, type IdHash, type Ids, remember } from './ids.ts';
import { advance, isCovered, type Marks, type Position } from './position.ts';
import type { Processor } from './processor.ts';
import { type Rejection, rejection } from './rejection.ts';
import { framesOf } from './thrown.ts';

/** An event on its way into a row: valid in the version that it was sent in. */
export interface Incoming {
  readonly event: CloudEvent;
  readonly definition: EventDefinition;
  /** Version of its data. */
  readonly version: number;
  readonly position: Position;
  /** Arrival in the stream, epoch milliseconds. */
  readonly arrivalMs: number;
  readonly idHash: IdHash;
}

/** What a row holds besides its tokens. Version 0 stands for no row. */
export interface Content<State> {
  readonly version: number;
  readonly state: State;
  readonly marks: Marks;
  readonly ids: Ids;
}

/** What became of one event. */
export type Outcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'duplicate'; readonly by: 'position' | 'id' }
  | { readonly kind: 'rejected'; readonly cause: Rejection };

/** A row as it would be committed. */
export interface Candidate<State> extends Content<State> {
  readonly effects: readonly PendingEffect[];
  /** The last event applied; absent if none was. */
  readonly cause?: Cause;
}

export interface Folded<State> {
  readonly candidate: Candidate<State>;
  /** One for each event taken, in order. Events beyond are left for a further commit. */
  readonly outcomes: readonly Outcome[];
  /**
   * Whether there is something to commit: an event was applied, or a repeat was recognised by its id. Its position must be passed as well,
   * since the id may be forgotten when the record is delivered again: after a reshard no later event of the key passes it. What was
   * recognised by position or rejected needs no write of its own: it comes to the same again, and garbage creates no rows.
   */
  readonly changed: boolean;
  readonly evictedYoung: number;
}

const APPLIED: Outcome = { kind: 'applied' };
const BY_POSITION: Outcome = { kind: 'duplicate', by: 'position' };
const BY_ID: Outcome = { kind: 'duplicate', by: 'id' };

/**
 * Folds events of one key, in order, into what its row holds. Pure. What the reducer or an upcaster throws rejects that event alone: the
 * row passes its position, but does not remember its id, so that it can be redriven.
 *
 * @param fits If given, says whether a row can be stored: the fold then ends before the event that makes the row too large, or, if that is
 * the first one applied, rejects it as `state.too-large`.
 */
export function foldEvents<State extends object>(
  processor: Processor<State>,
  base: Content<State>,
  incoming: readonly Incoming[],
  fits?: (candidate: Candidate<State>) => boolean,
): Folded<State> {
  if (fits === undefined) return foldEach(processor, base, incoming);
  return foldMost(processor, base, incoming, fits) ?? foldEach(processor, base, incoming, fits);
}

/**
 * The fold of as many events as fit, found by bisection: to size a row takes far longer than to fold an event, so a row is not sized after
 * each. Undefined if not even the first event fits.
 */
function foldMost<State extends object>(
  processor: Processor<State>,
  base: Content<State>,
  incoming: readonly Incoming[],
  fits: (candidate: Candidate<State>) => boolean,
): Folded<State> | undefined {
  let most: Folded<State> | undefined;
  let fitting = 0;
  let tooMany = incoming.length + 1;
  for (let next = incoming.length; tooMany - fitting > 1; next = Math.ceil((fitting + tooMany) / 2)) {
    const folded = foldEach(processor, base, incoming.slice(0, next));
    if (fits(folded.candidate)) [fitting, most] = [next, folded];
    else tooMany = next;
  }
  return most;
}

function foldEach<State extends object>(
  processor: Processor<State>,
  base: Content<State>,
  incoming: readonly Incoming[],
  fits?: (candidate: Candidate<State>) => boolean,
): Folded<State> {
  const known = hashesOf(base.ids);
  const outcomes: Outcome[] = [];
  const applied: { hash: IdHash; arrivalMs: number }[] = [];
  const effects: PendingEffect[] = [];
  let { state, marks } = base;
  let cause: Cause | undefined;
  let repeated = false;

  const candidate = (): { candidate: Candidate<State>; evictedYoung: number } => {
    const { ids, evictedYoung } = remember(base.ids, applied);
    const content = { version: base.version + 1, state, marks, ids, effects };
    return { candidate: cause === undefined ? content : { ...content, cause }, evictedYoung };
  };

  for (const next of incoming) {
    if (isCovered(marks, next.position)) {
      outcomes.push(BY_POSITION);
      continue;
    }
    const before = { state, marks, cause, sent: effects.length };
    marks = advance(marks, next.position, next.arrivalMs);
    if (known.has(next.idHash)) {
      outcomes.push(BY_ID);
      repeated = true;
      continue;
    }
    const step = apply(processor, state, next);
    if ('code' in step) {
      outcomes.push({ kind: 'rejected', cause: step });
      continue;
    }
    state = step.state;
    cause = causeOf(next.event);
    effects.push(...step.effects);
    applied.push({ hash: next.idHash, arrivalMs: next.arrivalMs });
    if (fits !== undefined && !fits(candidate().candidate)) {
      ({ state, cause } = before);
      effects.length = before.sent;
      applied.pop();
      if (applied.length > 0) {
        marks = before.marks;
        break;
      }
      outcomes.push({ kind: 'rejected', cause: tooLarge(next) });
      continue;
    }
    known.add(next.idHash);
    outcomes.push(APPLIED);
  }
  const folded = candidate();
  const changed = applied.length > 0 || (repeated && (fits === undefined || fits(folded.candidate)));
  return { ...folded, outcomes, changed };
}

function apply<State extends object>(
  processor: Processor<State>,
  state: State,
  { event, definition, version }: Incoming,
): { state: State; effects: PendingEffect[] } | Rejection {
  try {
    const data = upcast(definition, version, event.data);
    const reduction = processor.reduce(state, data === event.data ? event : { ...event, data });
    const cause = causeOf(event);
    const effects = (reduction.effects ?? []).map((effect, index) => ({ cause, index, effect }));
    return { state: reduction.state, effects };
  } catch (error) {
    const thrown = error instanceof Error ? error.name : typeof error;
    return rejection('event.reducer-threw', `The reducer of ${processor.name} threw on ${event.type}: ${thrown}`, {
      type: event.type,
      at: error instanceof Error ? framesOf(error) : undefined,
    });
  }
}

const tooLarge = ({ event }: Incoming): Rejection =>
  rejection('state.too-large', `Applied, ${event.type} would make the row larger than DynamoDB's 400 KB`, {
    type: event.type,
  });

const causeOf = ({ id, source, time, traceparent }: CloudEvent): Cause =>
  traceparent === undefined ? { id, source, time } : { id, source, time, traceparent };
