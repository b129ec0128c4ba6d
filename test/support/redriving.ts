import { writeFileSync } from 'node:fs';
import { STATEFUL_OUTPUTS, STATELESS_OUTPUTS, statelessStackName } from '../../lib/stacks/outputs.ts';
import { systemEnvironment } from '../../local/cli/environment.ts';
import { readLocalState } from '../../local/cli/local-state.ts';
import { changeMapping, type Switch } from '../../local/cli/mapping/change.ts';
import { redrive } from '../../local/cli/redrive/command.ts';
import type { RedriveOptions } from '../../local/cli/redrive/options.ts';
import { stageClients } from '../../local/cli/status/clients.ts';
import { captured } from '../unit/cli/captured.ts';
import { eventJson, testCatalogue } from './counter.ts';
import { counterStreams, counterSystems, counters } from './counters.ts';
import type { CountersCloud } from './counters-cloud.ts';
import { type TestQueue, testQueue } from './test-queue.ts';

const code = { systems: counterSystems, streams: counterStreams, processors: counters, catalogue: testCatalogue };

const DEFAULTS: RedriveOptions = {
  stage: 'local',
  send: false,
  dryRun: false,
  force: false,
  strict: false,
  reason: [],
  limit: 100_000,
  rate: 100_000,
  json: true,
};

/** One line of `--json`. */
export interface Line {
  readonly outcome: string;
  readonly reason: string;
  readonly event?: string;
}

/** What a run came to. */
export interface Redriven {
  readonly exitCode: number;
  readonly lines: readonly Line[];
  // biome-ignore lint/suspicious/noExplicitAny: JSON that each test looks at for itself.
  readonly last: any;
}

/** Somebody who redrives the counter. */
export interface Operator {
  readonly letters: TestQueue;
  readonly discards: TestQueue;
  run(options: Partial<RedriveOptions>): Promise<Redriven>;
  /** A run that is under way: what it has printed so far, how many lines that is, which is cheap to ask often, and its end. */
  begin(
    options: Partial<RedriveOptions>,
    signal: AbortSignal,
  ): { lines(): readonly Line[]; printed(): number; readonly ended: Promise<number> };
  /** Pauses or resumes the counter. */
  switch(to: Switch): Promise<void>;
  /** How much waits in both queues. */
  depths(): Promise<readonly Awaited<ReturnType<TestQueue['depth']>>[]>;
}

export function operatorOf(counter: CountersCloud): Operator {
  const queue = (key: string): TestQueue => testQueue(counter.cloud.clients.sqs, counter.output(key));
  const letters = queue(STATEFUL_OUTPUTS.deadLetterQueueUrl('counter'));
  const discards = queue(STATEFUL_OUTPUTS.onFailureQueueUrl('counter'));
  const begin: Operator['begin'] = (options, signal) => {
    const { output, stdout } = captured();
    const ended = redrive('counter', { ...DEFAULTS, ...options }, output, signal, code);
    return { lines: () => linesIn(stdout()), printed: () => stdout().split('\n').length - 1, ended };
  };
  return {
    letters,
    discards,
    begin,
    run: async (options) => {
      const run = begin(options, new AbortController().signal);
      const exitCode = await run.ended;
      const lines = run.lines();
      return { exitCode, lines, last: lines.at(-1) };
    },
    switch: async (to) => {
      using clients = stageClients(readLocalState());
      const mappingId = counter.cloud.output(statelessStackName('local'), STATELESS_OUTPUTS.mappingId('counter'));
      const { signal } = new AbortController();
      await changeMapping(clients.lambda, mappingId, to, {
        environment: systemEnvironment,
        signal,
        onState: () => undefined,
      });
    },
    depths: async () => [await letters.depth(), await discards.depth()],
  };
}

/** What was written to the end of its line. */
const linesIn = (text: string): readonly Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

export const good = (key: string, id: string): object => eventJson({ key, id, arrivalMs: Date.now() });
/** One that the counter rejects. */
export const bad = (key: string, id: string): object =>
  eventJson({ key, id, arrivalMs: Date.now(), data: { throws: true } });

export const payloadOf = (content: object | string): string =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64');

/** Writes an edit file that takes these letters alone, with these events in the place of theirs. */
export const writeEdits = (file: string, events: Readonly<Record<string, object>>): void =>
  writeFileSync(
    file,
    Object.entries(events)
      .map(([letter, event]) => `${JSON.stringify({ letter, event })}\n`)
      .join(''),
  );
