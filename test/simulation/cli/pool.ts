import { Worker } from 'node:worker_threads';
import { addTotals, noTotals, type Totals } from '../../support/simulate/campaign.ts';
import type { Arguments } from './arguments.ts';
import type { Portion, WorkerTask } from './worker.ts';

/** Seeds a worker takes at a time: few enough for progress, enough to be worth a message. */
const PORTION = 8;
/** Young objects are nearly all that a run makes. */
const YOUNG_MB = 64;

/** Runs the seeds on several threads and adds up what they come to. Ends early, with what there is, once the signal aborts. */
export async function runSeeds(
  { seeds, from, system, faults, workers }: Arguments,
  signal: AbortSignal,
  onProgress: (totals: Totals) => void,
): Promise<Totals> {
  const totals = noTotals();
  const portions = portionsOf(from, seeds);
  const task: WorkerTask = { system, faults };
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (const portion of portions) {
        if (signal.aborted) return;
        const done = await answerOf(worker, portion);
        if (done === undefined) return;
        addTotals(totals, done);
        onProgress(totals);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  totals.failures.sort((a, b) => a.seed - b.seed);
  return totals;
}

function* portionsOf(from: number, seeds: number): Generator<Portion> {
  for (let done = 0; done < seeds; done += PORTION) yield { from: from + done, seeds: Math.min(PORTION, seeds - done) };
}

/** The totals of a portion; undefined if the worker was ended. */
function answerOf(worker: Worker, portion: Portion): Promise<Totals | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (totals: Totals): void => settle(() => resolve(totals));
    const onError = (error: unknown): void => settle(() => reject(error));
    const onExit = (): void => settle(() => resolve(undefined));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage(portion);
  });
}
