import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TransientError } from '../../../lambdas/runtime/ports.ts';
import type { TailStart } from '../../../local/cli/tail/lineage.ts';
import { LOCAL_PACE, type ReadPace, type TailedRecord, tailRecords } from '../../../local/cli/tail/reader.ts';
import type { ShardSource } from '../../../local/esm/ports.ts';

export interface Tailing {
  /** Payloads as text, in the order in which they came. */
  readonly texts: string[];
  /** Reasons for which it waited. */
  readonly waits: [string, TransientError][];
  /** Milliseconds that it slept, none of which passed. */
  readonly sleeps: number[];
  /** Resolves once so many records came. */
  until(count: number): Promise<void>;
  /** Ends it and waits for its end. */
  stop(): Promise<void>;
  /** What it failed with. */
  readonly failed: Promise<unknown>;
}

/** Tails a source in the background. Pauses take a turn of the event loop. */
export function tailing(source: ShardSource, start: TailStart, pace: ReadPace = LOCAL_PACE): Tailing {
  const abort = new AbortController();
  const texts: string[] = [];
  const waits: [string, TransientError][] = [];
  const sleeps: number[] = [];
  const records = tailRecords(source, {
    start,
    pace,
    environment: {
      now: Date.now,
      random: () => 0.5,
      sleep: async (ms, signal) => {
        sleeps.push(ms);
        await nextTurn();
        signal.throwIfAborted();
      },
    },
    signal: abort.signal,
    onWait: (what, reason) => waits.push([what, reason]),
  });
  const consumed = consume(records, texts);
  const failed = consumed.then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    texts,
    waits,
    sleeps,
    failed,
    until: async (count) => {
      let error: unknown;
      let ended = false;
      void failed.then((reason) => {
        error = reason;
        ended = true;
      });
      while (texts.length < count) {
        if (ended) throw error ?? new Error(`The tail ended after ${texts.length} records`);
        await nextTurn();
      }
    },
    stop: async () => {
      abort.abort(new Error('the test is over'));
      await failed;
    },
  };
}

async function consume(records: AsyncIterable<TailedRecord>, texts: string[]): Promise<void> {
  for await (const { record } of records) texts.push(Buffer.from(record.data).toString());
}
