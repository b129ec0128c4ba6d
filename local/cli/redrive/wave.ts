import type { Held, ParkedQueue } from './queue.ts';

/** Messages at work at a time: so many are sorted and redriven together, in the order of the stream. */
const WAVE = { messages: 500, bytes: 64 * 1024 * 1024 } as const;

export interface WaveOptions {
  /** Of all waves together. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Whether a message is wanted. Others stay hidden for the run, and count for nothing. */
  readonly wants: (message: Held) => boolean;
  /** Bytes that a message takes once what it points at is read. Default: those of its body. */
  readonly weigh?: (message: Held) => number;
}

/**
 * The messages of a queue in waves, each message once, until none is visible. They stay hidden: whoever iterates removes or releases them.
 *
 * @param held takes every message that was received, wanted or not, by its id.
 */
export async function* wavesOf(
  queue: ParkedQueue,
  held: Map<string, Held>,
  options: WaveOptions,
): AsyncGenerator<readonly Held[]> {
  for (let left = options.limit; left > 0; ) {
    const wave = await gather(queue, held, left, options);
    if (wave.length === 0) return;
    left -= wave.length;
    yield wave;
  }
}

async function gather(
  queue: ParkedQueue,
  held: Map<string, Held>,
  left: number,
  { signal, wants, weigh = ({ body }) => body.length }: WaveOptions,
): Promise<readonly Held[]> {
  const most = Math.min(left, WAVE.messages);
  const wave: Held[] = [];
  let bytes = 0;
  while (wave.length < most && bytes < WAVE.bytes && !signal.aborted) {
    const received = await queue.receive();
    const fresh = received.filter(({ messageId }) => !held.has(messageId));
    // Without bodies, which are many. One that is there again was hidden for too short a time: its new receipt is what it is released by.
    for (const message of received) held.set(message.messageId, { ...message, body: '' });
    if (fresh.length === 0) return wave;
    // Beyond the limit of the run they are given back at its end; a full wave takes them all.
    const wanted = fresh.filter(wants).slice(0, left - wave.length);
    wave.push(...wanted);
    bytes += wanted.reduce((sum, message) => sum + weigh(message), 0);
  }
  return wave;
}
