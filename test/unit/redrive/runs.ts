import type { RedriveMark } from '../../../lambdas/core/redrive.ts';
import { UnreadableRow } from '../../../lambdas/core/row.ts';
import { Interrupted } from '../../../local/cli/interrupt.ts';
import type { Edges, PutOutcome } from '../../../local/cli/redrive/engine.ts';
import type { Edits } from '../../../local/cli/redrive/expand.ts';
import { exportFile } from '../../../local/cli/redrive/export.ts';
import type { RedriveOptions } from '../../../local/cli/redrive/options.ts';
import { ParkedQueue } from '../../../local/cli/redrive/queue.ts';
import { Run } from '../../../local/cli/redrive/run.ts';
import type { RedriveClients, Resources } from '../../../local/cli/redrive/stage.ts';
import type { KnownSystem } from '../../../local/cli/redrive/system.ts';
import { ARRIVAL, counter, eventJson, happened, testCatalogue } from '../../support/counter.ts';
import { captured } from '../cli/captured.ts';
import type { QueueInMemory } from './parked.ts';

const SEND: RedriveOptions = {
  stage: 'local',
  send: true,
  dryRun: false,
  force: false,
  strict: false,
  reason: [],
  limit: 100_000,
  rate: 100_000,
  json: true,
};

/** A dead letter of the counter. */
export const letterOf = (event: object, changes: object = {}): object => ({
  id: `letter-${(event as { id?: string }).id}`,
  processor: 'counter',
  code: 'event.reducer-threw',
  message: 'it threw',
  stream: 'in',
  shard: 'shardId-000000000000',
  sequence: '42',
  index: 0,
  arrival: new Date(ARRIVAL).toISOString(),
  partitionKey: 'k',
  payload: Buffer.from(JSON.stringify(event)).toString('base64'),
  ...changes,
});

/** So many letters, each of a key of its own. */
export const letters = (count: number): object[] =>
  Array.from({ length: count }, (_, n) => letterOf(eventJson({ id: `e${n}`, key: `k${n}` })));

export interface RunOf {
  readonly options?: Partial<RedriveOptions>;
  readonly edits?: Edits;
  readonly exportTo?: string;
  /** What becomes of a put. Default: it is acknowledged. */
  readonly put?: (id: string) => PutOutcome;
  /** Keys whose rows are damaged. */
  readonly damaged?: readonly string[];
  /** Ctrl-C after so many puts. */
  readonly interruptAfter?: number;
  /** Ctrl-C at that request, whatever it is. */
  readonly interruptAt?: number;
  /** Of earlier runs. */
  readonly marks?: Map<string, RedriveMark>;
  readonly kinesis?: { send(command: object): Promise<object> };
  readonly s3?: { send(command: object): Promise<object> };
  readonly isOwn?: boolean;
}

/** Runs over one or two queues in memory: no row is there, and the stream takes everything, but for what a test says. */
export async function runOver(memories: readonly QueueInMemory[], of: RunOf = {}) {
  const put: string[] = [];
  const interrupt = new AbortController();
  const { marks = new Map<string, RedriveMark>() } = of;
  let requests = 0;
  const request = (): void => {
    if (++requests === of.interruptAt) interrupt.abort(new Interrupted('SIGINT'));
  };
  for (const one of memories) one.onCall = request;
  const edges: Edges = {
    readRow: async (key) => {
      request();
      if (of.damaged?.includes(key)) throw new UnreadableRow('_v is no positive integer');
      return undefined;
    },
    readMark: async (id) => {
      request();
      return marks.get(id);
    },
    writeMark: async (id, mark, over) => {
      request();
      if (marks.get(id)?.token !== over?.token) return 'conflict';
      marks.set(id, mark);
      return 'written';
    },
    undoMark: async (id) => {
      marks.delete(id);
    },
    put: async ({ event }) => {
      request();
      const outcome = of.put?.(event.id) ?? { kind: 'acknowledged', shard: 's', sequence: '99' };
      if (outcome.kind === 'acknowledged') put.push(event.id);
      if (put.length === of.interruptAfter) interrupt.abort(new Interrupted('SIGINT'));
      return outcome;
    },
    settle: async () => 0,
    now: () => ARRIVAL + 3_600_000,
    token: () => `t${requests}`,
    arrivalsInOrder: true,
  };
  const [memory] = memories;
  const clients = { sqs: memory?.client, kinesis: of.kinesis, s3: of.s3 } as unknown as RedriveClients;
  const { output, stdout } = captured();
  using exported = of.exportTo === undefined ? undefined : exportFile(of.exportTo);
  const run = new Run({
    system: SYSTEM,
    resources: RESOURCES,
    clients,
    edges,
    options: { ...SEND, ...of.options, ...(of.exportTo === undefined ? {} : { send: false, export: of.exportTo }) },
    output,
    signal: interrupt.signal,
    edits: of.edits,
    exported,
  });
  for (const one of memories) {
    const queue = new ParkedQueue(one.client, 'the-queue', 'local', one.now);
    await run.drain({ queue, isOwn: of.isOwn ?? true });
  }
  const lines = stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { summary: run.summary(), put, lines, requests, exported: exported?.count };
}

const SYSTEM = {
  manifest: { name: 'counter' },
  processor: counter,
  reading: {
    processor: 'counter',
    stream: 'in',
    catalogue: testCatalogue,
    handled: new Set([happened.type]),
    kplProducers: false,
    futureToleranceMs: 300_000,
    replayMode: false,
  },
} as unknown as KnownSystem;

const RESOURCES = {
  name: 'counter',
  functionName: 'counter-fn',
  streamName: 'the-stream',
  table: 'table',
  checkpointTable: 'checkpoints',
  deadLetterQueueUrl: 'the-queue',
  deadLetterBucket: 'the-bucket',
  onFailureQueueUrl: 'the-other-queue',
} as Resources;
