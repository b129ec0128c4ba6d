import type { Held, ParkedQueue } from './queue.ts';

/** Messages at work at a time: so many are sorted and redriven together, in the order of the stream. */
const WAVE = { messages: 500, bytes: 64 * 1024 * 1024 } as const;
/** So many receives in a row that bring nothing new end a queue. */
const MOST_REPEATS = 10;

export interface WaveOptions {
  /** Of all waves together. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Whether a message is wanted; asked once for each. Others stay hidden for the run, and count for nothing. */
  readonly wants: (message: Held) => boolean;
  /** Bytes that a message takes once what it points at is read. Default: those of its body. */
  readonly weigh?: (message: Held) => number;
}

/** The messages of a queue in waves, each message once, until none is visible. The queue holds them, wanted or not. */
export async function* wavesOf(queue: ParkedQueue, options: WaveOptions): AsyncGenerator<readonly Held[]> {
  for (let left = options.limit; left > 0; ) {
    const wave = await gather(queue, left, options);
    if (wave.length === 0) return;
    left -= wave.length;
    yield wave;
  }
}

async function gather(
  queue: ParkedQueue,
  left: number,
  { signal, wants, weigh = ({ body }) => body.length }: WaveOptions,
): Promise<readonly Held[]> {
  const most = Math.min(left, WAVE.messages);
  const wave: Held[] = [];
  let bytes = 0;
  let repeats = 0;
  while (wave.length < most && bytes < WAVE.bytes && repeats < MOST_REPEATS && !signal.aborted) {
    const fresh = await queue.receive();
    if (fresh === undefined) return wave;
    await queue.keep();
    repeats = fresh.length === 0 ? repeats + 1 : 0;
    // Beyond the limit of the run they are given back at its end; a full wave takes them all.
    const wanted = fresh.filter(wants).slice(0, left - wave.length);
    wave.push(...wanted);
    bytes += wanted.reduce((sum, message) => sum + weigh(message), 0);
  }
  return wave;
}
