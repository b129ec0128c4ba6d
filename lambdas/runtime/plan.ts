import { type Candidate, type Folded, foldEvents, type Outcome } from '../core/fold.ts';
import { itemSize } from '../core/item-size.ts';
import { prune } from '../core/position.ts';
import { migrate } from '../core/processor.ts';
import { outboxOf, type Row, toAttributes } from '../core/row.ts';
import { describeThrown } from '../core/thrown.ts';
import type { Context } from './context.ts';
import { again, type Lane, type Put, pendingItems, stop } from './lane.ts';
import { TransientError } from './ports.ts';
import type { Read } from './settle.ts';

/** A lane whose pending events are folded: a row to put, or nothing to commit. */
export interface Plan {
  readonly lane: Lane;
  readonly folded: Folded<object>;
  readonly put: Put | undefined;
}

/** Folds the pending events of every lane into its row. Lanes that must read again, or wait for other code, drop out. */
export function plan(context: Context, reads: readonly Read[]): readonly Plan[] {
  const plans: Plan[] = [];
  for (const { lane, row } of reads) {
    const planned = planLane(context, lane, row);
    if (planned !== undefined) plans.push(planned);
  }
  return withoutBroken(context, plans);
}

function planLane(context: Context, lane: Lane, row: Row | undefined): Plan | undefined {
  let planned: Plan;
  try {
    planned = fold(context, lane, row);
  } catch (cause) {
    // Reducers are caught event by event; this is a migration, or a state that no row can hold: a defect of the deployed code.
    const what = describeThrown(cause);
    stop(
      lane,
      new TransientError('state.unusable', `The deployed code cannot use or write the row's state: ${what}`, { cause }),
    );
    return undefined;
  }
  const threw = planned.folded.outcomes.filter(isThrow).length;
  if (threw > 0 && !lane.consistent) {
    again(lane);
    return undefined;
  }
  const applied = planned.folded.outcomes.filter((outcome) => outcome.kind === 'applied').length;
  lane.judged = { folded: applied + threw, threw };
  return planned;
}

const isThrow = (outcome: Outcome): boolean =>
  outcome.kind === 'rejected' && outcome.cause.code === 'event.reducer-threw';

function fold(context: Context, lane: Lane, row: Row | undefined): Plan {
  const { processor, settings } = context;
  const base = {
    version: row?.version ?? 0,
    state: row === undefined ? processor.state.initial(lane.key) : migrate(processor.state, row.schema, row.state),
    marks: row?.marks ?? {},
    ids: row?.ids ?? [],
  };
  const incoming = pendingItems(lane).map((item) => item.incoming);
  const rowOf = (candidate: Candidate<object>): Row => buildRow(context, lane, row, candidate);
  const isStorable = (one: Row): boolean => itemSize(toAttributes(one)) <= settings.rowBytes;
  const all = foldEvents(processor, base, incoming);
  if (!all.changed) return { lane, folded: all, put: undefined };
  const whole = rowOf(all.candidate);
  if (isStorable(whole)) return { lane, folded: all, put: { row: whole, over: row, folded: all } };
  const folded = foldEvents(processor, base, incoming, (candidate) => isStorable(rowOf(candidate)));
  const put = folded.changed ? { row: rowOf(folded.candidate), over: row, folded } : undefined;
  return { lane, folded, put };
}

function buildRow(context: Context, lane: Lane, over: Row | undefined, candidate: Candidate<object>): Row {
  const { processor, settings, token } = context;
  return {
    key: lane.key,
    version: candidate.version,
    epoch: over?.epoch ?? token,
    schema: processor.state.version,
    token,
    marks: prune(
      candidate.marks,
      latestArrival(lane),
      settings.replayMode ? Number.POSITIVE_INFINITY : settings.retentionHours,
    ),
    ids: candidate.ids,
    outbox: outboxOf(candidate, processor.effectsOfCommit !== undefined),
    state: candidate.state as Readonly<Record<string, unknown>>,
  };
}

const latestArrival = (lane: Lane): number =>
  lane.items.reduce((latest, { incoming }) => Math.max(latest, incoming.arrivalMs), 0);

/**
 * A bad deployment must not dead-letter the world: if the reducer threw on most of what this invocation has folded, the lanes on which it
 * threw stop here, and nothing of them is rejected.
 */
function withoutBroken(context: Context, plans: readonly Plan[]): readonly Plan[] {
  for (const { lane } of plans) context.judgements.current.set(lane, lane.judged);
  const { folded, threw } = sumOf(context.judgements);
  const { share, atLeast } = context.settings.broken;
  if (folded < atLeast || threw <= share * folded) return plans;
  context.tally.counts.brokenBatches = 1;
  const trouble = new TransientError(
    'batch.mostly-throws',
    `The reducer threw on ${threw} of ${folded} events: roll the deployment back, or redrive if the events are at fault`,
  );
  return plans.filter(({ lane }) => {
    if (lane.judged.threw === 0) return true;
    stop(lane, trouble);
    return false;
  });
}

function sumOf({ current, past }: Context['judgements']): Lane['judged'] {
  let { folded, threw } = past;
  for (const judged of current.values()) {
    folded += judged.folded;
    threw += judged.threw;
  }
  return { folded, threw };
}

/** Keeps what a slice's folds said, and forgets its lanes: they hold every event of theirs. */
export function closeJudgements(context: Context): void {
  context.judgements.past = sumOf(context.judgements);
  context.judgements.current.clear();
}
