import type { Outcome } from '../core/fold.ts';
import type { Row } from '../core/row.ts';
import { attempt, eachLimit } from './attempt.ts';
import type { Context } from './context.ts';
import { letterId } from './identity.ts';
import { again, block, finishStep, type Lane, type Put, pendingItems, stop } from './lane.ts';
import { deliver } from './outbox.ts';
import { type Plan, plan } from './plan.ts';
import { type DeadLetter, type ReadResult, TransientError } from './ports.ts';
import { pureEffectsOf, type Read, settle } from './settle.ts';

/**
 * Moves lanes as far as they come: read, settle, fold, reject, commit, send. Every step is one call for all lanes, or one put for each. A
 * lane in trouble drops out and keeps its place; the others go on.
 */
export async function round(context: Context, lanes: readonly Lane[]): Promise<void> {
  const folding = lanes.filter((lane) => lane.phase === 'fold');
  if (folding.length > 0) {
    const reads = await settle(context, await read(context, folding));
    const kept = await keepLetters(context, plan(context, reads));
    await eachLimit(kept, context.settings.sockets, (planned) => commit(context, planned));
  }
  await send(
    context,
    lanes.filter((lane) => lane.phase === 'send'),
  );
}

async function read(context: Context, lanes: readonly Lane[]): Promise<readonly Read[]> {
  const groups = [true, false].map((consistent) => lanes.filter((lane) => lane.consistent === consistent));
  const reads = await Promise.all(groups.map((group) => readGroup(context, group)));
  return reads.flat();
}

async function readGroup(context: Context, lanes: readonly Lane[]): Promise<readonly Read[]> {
  const [first] = lanes;
  if (first === undefined) return [];
  const { signal, ports } = context;
  const keys = lanes.map((lane) => lane.key);
  const found = await attempt(signal, () => ports.store.read(keys, first.consistent, signal));
  return lanes.flatMap((lane) => {
    const result = found instanceof TransientError ? found : readOf(found, lane.key);
    if (result instanceof TransientError) block(lane, result);
    else if (isNewer(context, result)) stop(lane, newerThanCode(context, result));
    else if (!recognise(context, lane, result)) return [{ lane, row: result }];
    return [];
  });
}

const readOf = (found: ReadonlyMap<string, ReadResult>, key: string): ReadResult =>
  found.has(key) ? found.get(key) : new TransientError('store.unprocessed', 'The store left the key out of its answer');

const isNewer = (context: Context, row: Row | undefined): row is Row =>
  row !== undefined && row.schema > context.processor.state.version;

const newerThanCode = (context: Context, row: Row): TransientError =>
  new TransientError(
    'state.newer-than-code',
    `The row has state version ${row.schema}, this code knows ${context.processor.state.version}: it waits for newer code`,
  );

/** A put whose answer was lost is ours if the row has our token and its version. Returns whether it was. */
function recognise(context: Context, lane: Lane, row: Row | undefined): boolean {
  const put = lane.uncertain;
  if (put === undefined || !lane.consistent) return false;
  if (isOwnWrite(context, put, row)) {
    context.tally.add('ownWritesRecognised');
    committed(context, lane, put);
    return true;
  }
  // Once another write has taken its version, ours can no longer land.
  if (row !== undefined && row.version >= put.row.version) lane.uncertain = undefined;
  return false;
}

const isOwnWrite = (context: Context, put: Put, row: Row | undefined): boolean =>
  row?.token === context.token && row.version === put.row.version;

/** Rejected events are kept in the dead-letter queue before their key's commit passes them. */
async function keepLetters(context: Context, plans: readonly Plan[]): Promise<readonly Plan[]> {
  const letters = plans.flatMap((planned) => lettersOf(context, planned).map((letter) => ({ planned, letter })));
  if (letters.length === 0) return plans;
  const { deadLetters } = context.ports;
  const results = await attempt(context.signal, () =>
    deadLetters.put(
      letters.map(({ letter }) => letter),
      context.signal,
    ),
  );
  const blocked = new Set<Plan>();
  letters.forEach(({ planned, letter }, nth) => {
    const trouble = results instanceof TransientError ? results : results[nth];
    if (trouble === undefined) {
      planned.lane.lettersKept.add(letter.id);
      return;
    }
    blocked.add(planned);
    block(planned.lane, trouble);
  });
  return plans.filter((planned) => !blocked.has(planned));
}

function lettersOf(context: Context, { lane, folded }: Plan): readonly DeadLetter[] {
  const items = pendingItems(lane);
  return folded.outcomes.flatMap((outcome, nth) => {
    const item = items[nth];
    if (outcome.kind !== 'rejected' || item === undefined) return [];
    const { position, arrivalMs } = item.incoming;
    const id = letterId(context.processor.name, position);
    if (lane.lettersKept.has(id)) return [];
    const { cause } = outcome;
    return [
      {
        id,
        processor: context.processor.name,
        cause,
        position,
        arrivalMs,
        partitionKey: lane.key,
        payload: item.payload(),
      },
    ];
  });
}

async function commit(context: Context, { lane, folded, put }: Plan): Promise<void> {
  if (put === undefined) {
    count(context, folded.outcomes);
    finishStep(lane, folded.outcomes.length);
    return;
  }
  const { signal, ports, settings } = context;
  const result = await attempt(signal, () => ports.store.commit(put.row, put.over, signal));
  if (result === 'committed') {
    committed(context, lane, put);
    return;
  }
  // Even a conflict may be with ourselves: a client may have retried a put whose answer was lost.
  lane.uncertain = put;
  lane.consistent = true;
  if (result instanceof TransientError) {
    block(lane, result);
    return;
  }
  context.tally.add('versionConflicts');
  lane.conflicts++;
  if (lane.conflicts <= settings.eagerConflicts) again(lane);
  else
    block(lane, new TransientError('store.conflict', `The row changed ${lane.conflicts} times under this invocation`));
}

function committed(context: Context, lane: Lane, put: Put): void {
  const { tally, environment } = context;
  lane.uncertain = undefined;
  tally.add('puts');
  if (!lane.bounded) tally.add('putsBound');
  lane.bounded = true;
  tally.add('youngIdsEvicted', put.folded.evictedYoung);
  count(context, put.folded.outcomes);
  const oldestMs = oldestApplied(lane, put.folded.outcomes);
  if (Number.isFinite(oldestMs)) tally.freshnessMs.push(Math.max(0, environment.now() - oldestMs));
  if (put.row.outbox === undefined) {
    finishStep(lane, put.folded.outcomes.length);
    return;
  }
  context.wroteOutbox = true;
  lane.committed = put;
  lane.phase = 'send';
}

const oldestApplied = (lane: Lane, outcomes: readonly Outcome[]): number =>
  pendingItems(lane).reduce(
    (oldest, { incoming }, nth) => (outcomes[nth]?.kind === 'applied' ? Math.min(oldest, incoming.arrivalMs) : oldest),
    Number.POSITIVE_INFINITY,
  );

async function send(context: Context, lanes: readonly Lane[]): Promise<void> {
  const outgoing = lanes.flatMap((lane) => {
    const put = lane.committed;
    const effects = put === undefined ? undefined : pureEffectsOf(context, lane, put.row);
    if (put === undefined || effects === undefined) return [];
    return [{ lane, put, effects: effects.filter(({ id }) => !lane.effectsOut.has(id)) }];
  });
  const { sink, deadLetters } = context.ports;
  const deliveries = await deliver(
    outgoing.map(({ effects }) => effects),
    sink,
    deadLetters,
    context.signal,
  );
  outgoing.forEach(({ lane, put }, nth) => {
    const delivery = deliveries[nth];
    if (delivery === undefined) return;
    const { accepted, refused, trouble } = delivery;
    for (const id of [...accepted, ...refused]) lane.effectsOut.add(id);
    context.tally.add('effectsSent', accepted.length);
    for (const _ of refused) context.tally.rejected('effect.refused');
    if (trouble === undefined) finishStep(lane, put.folded.outcomes.length);
    else block(lane, trouble);
  });
}

function count(context: Context, outcomes: readonly Outcome[]): void {
  const { tally } = context;
  for (const outcome of outcomes) {
    if (outcome.kind === 'applied') tally.add('applied');
    else if (outcome.kind === 'rejected') tally.rejected(outcome.cause.code);
    else tally.add(outcome.by === 'position' ? 'duplicateByPosition' : 'duplicateById');
  }
}
