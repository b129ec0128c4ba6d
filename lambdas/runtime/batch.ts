import type { Catalogue } from '../core/catalogue.ts';
import type { Processor } from '../core/processor.ts';
import { attempt } from './attempt.ts';
import { type Context, KnownCheckpoints, type Ports } from './context.ts';
import { crashVerdict, forgetAttempt } from './crashes.ts';
import type { Unready } from './decode/formats.ts';
import type { DecodeSettings, RawRecord } from './decode/record.ts';
import { keyHash } from './identity.ts';
import { type Lane, lanesOf } from './lane.ts';
import { closeJudgements } from './plan.ts';
import { type Environment, TransientError } from './ports.ts';
import { keepRejects, type Reject } from './rejects.ts';
import { type BatchReport, Tally } from './report.ts';
import { round } from './round.ts';
import type { RuntimeSettings } from './settings.ts';
import { type Slice, slicesOf } from './slices.ts';
import { type TimeLimits, timeLimits } from './time-limits.ts';

/** Folds batches of one stream into the rows of one processor. One per Lambda environment; batches follow one another. */
export interface BatchRunner {
  /**
   * Folds one batch. Never throws because of what is in it, or because a port fails: what is not finished is named by `failedFrom`.
   *
   * @param remainingMs How long the invocation may still take.
   */
  run(records: readonly RawRecord[], remainingMs: number): Promise<BatchReport>;
}

export function createBatchRunner(
  processor: Processor<object>,
  catalogue: Catalogue,
  ports: Ports,
  environment: Environment,
  settings: RuntimeSettings,
): BatchRunner {
  const knownCheckpoints = new KnownCheckpoints();
  const decodeSettings: DecodeSettings = {
    processor: processor.name,
    stream: settings.stream,
    catalogue,
    handled: new Set(processor.handles.map((definition) => definition.type)),
    kplProducers: settings.kplProducers,
    futureToleranceMs: settings.futureToleranceMs,
    replayMode: settings.replayMode,
    ...(settings.adapter === undefined ? {} : { adapter: settings.adapter }),
    ...(settings.formats === undefined ? {} : { formats: settings.formats }),
  };
  return {
    run: (records, remainingMs) => {
      const limits = timeLimits(environment, remainingMs, settings);
      const context: Context = {
        processor,
        ports,
        settings,
        environment,
        signal: limits.working,
        token: environment.token(),
        tally: new Tally(),
        knownCheckpoints,
        judgements: { current: new Map(), past: { folded: 0, threw: 0 } },
        wroteOutbox: false,
      };
      return runBatch(context, limits, decodeSettings, records);
    },
  };
}

async function runBatch(
  context: Context,
  limits: TimeLimits,
  decodeSettings: DecodeSettings,
  records: readonly RawRecord[],
): Promise<BatchReport> {
  try {
    const progress = await work(context, limits, decodeSettings, records);
    return context.tally.report(records[progress]?.sequence);
  } finally {
    // Nothing may still be in flight when the environment freezes: thawed, it would land after another invocation's writes.
    await limits.end();
  }
}

/** Returns the index of the earliest record that is not finished, or the number of records. */
async function work(
  context: Context,
  limits: TimeLimits,
  decodeSettings: DecodeSettings,
  records: readonly RawRecord[],
): Promise<number> {
  context.tally.add('records', records.length);
  const { reject, counted } = await crashVerdict(context, records);
  const { held, trouble } = await heldRecords(context, records);
  const slices =
    reject === undefined ? slicesOf(context, records, decodeSettings, held) : [{ items: [], rejects: [reject] }];
  const state: Progress = { failedFrom: records.length, heldKeys: new Set(), allSent: true };
  if (reject === undefined) hold(context, state, held, trouble);
  for (const slice of slices) await workSlice(context, slice, state);
  if (context.wroteOutbox && state.allSent) await writeCheckpoint(context, records, limits.closing);
  const [only] = records;
  if (counted && only !== undefined) await forgetAttempt(context, only, limits.closing);
  return state.failedFrom;
}

const NONE_HELD: Unready = { held: new Map(), trouble: undefined };

/** Records whose schema cannot be had now. */
const heldRecords = async ({ settings, signal }: Context, records: readonly RawRecord[]): Promise<Unready> =>
  settings.formats === undefined ? NONE_HELD : await settings.formats.prepare(records, signal);

/** Their keys wait for them, as for a commit that is not finished; all other keys go on. */
function hold(context: Context, progress: Progress, held: Unready['held'], trouble: Unready['trouble']): void {
  const { adapter } = context.settings;
  for (const [record, partitionKeys] of held) {
    progress.failedFrom = Math.min(progress.failedFrom, record);
    for (const partitionKey of partitionKeys) progress.heldKeys.add(adapter?.subjectOf(partitionKey) ?? partitionKey);
  }
  for (const key of progress.heldKeys) {
    const { code, message } = trouble ?? new TransientError('registry.unavailable', 'The registry did not answer');
    context.tally.add('blockedKeys');
    context.tally.blocked.push({ keyHash: keyHash(key), code, message });
  }
}

interface Progress {
  failedFrom: number;
  /** Keys whose earlier events are not finished: later ones wait for them. */
  readonly heldKeys: Set<string>;
  /** Whether all effects of all commits so far are accepted, and no put is in doubt. */
  allSent: boolean;
}

async function workSlice(context: Context, { items, rejects }: Slice, progress: Progress): Promise<void> {
  const free = items.filter(({ key, record }) => {
    if (progress.heldKeys.has(key)) progress.failedFrom = Math.min(progress.failedFrom, record);
    return !progress.heldKeys.has(key);
  });
  const lanes = lanesOf(free);
  await drain(context, lanes, rejects);
  closeJudgements(context);
  for (const lane of lanes) {
    if (lane.uncertain !== undefined || lane.committed !== undefined) progress.allSent = false;
    if (lane.phase === 'done') continue;
    progress.heldKeys.add(lane.key);
    progress.failedFrom = Math.min(progress.failedFrom, lane.items[lane.next]?.record ?? 0);
    blockedKey(context, lane);
  }
  for (const reject of rejects) {
    if (!reject.kept) progress.failedFrom = Math.min(progress.failedFrom, reject.record);
  }
}

function blockedKey(context: Context, lane: Lane): void {
  context.tally.add('blockedKeys');
  const { code, message } = lane.trouble ?? new TransientError('invocation.deadline', 'The invocation ran out of time');
  context.tally.blocked.push({ keyHash: keyHash(lane.key), code, message });
}

/** Rounds until every lane is done or stopped and every reject is kept, or time is up. */
async function drain(context: Context, lanes: readonly Lane[], rejects: readonly Reject[]): Promise<void> {
  let failures = 0;
  for (let first = true; !context.signal.aborted; first = false) {
    const active = lanes.filter((lane) => lane.phase === 'fold' || lane.phase === 'send');
    if (active.length === 0 && rejects.every((reject) => reject.kept)) return;
    const eager = active.filter((lane) => lane.eager);
    if (eager.length === 0 && !first && !(await backOff(context, failures++))) return;
    const turn = eager.length > 0 ? eager : active;
    for (const lane of turn) lane.eager = false;
    await Promise.all([round(context, turn), keepRejects(context, rejects)]);
  }
}

/** Full jitter, as in AWS's architecture blog "Exponential Backoff And Jitter". False if time is up before. */
async function backOff(context: Context, failures: number): Promise<boolean> {
  const { baseMs, capMs } = context.settings.backoff;
  const ceiling = Math.min(capMs, baseMs * 2 ** failures);
  const pause = context.environment.random() * ceiling;
  const slept = await attempt(context.signal, () => context.environment.sleep(pause, context.signal));
  return !(slept instanceof TransientError);
}

async function writeCheckpoint(context: Context, records: readonly RawRecord[], signal: AbortSignal): Promise<void> {
  const { ports, token, environment, tally, knownCheckpoints } = context;
  const shards = Object.fromEntries(records.map(({ shard, sequence }) => [shard, sequence]));
  const written = await attempt(signal, () =>
    ports.checkpoints.write({ token, shards, atMs: environment.now() }, signal),
  );
  if (written instanceof TransientError) tally.warn('checkpoint.unwritten', written.message);
  else knownCheckpoints.add(token);
}
