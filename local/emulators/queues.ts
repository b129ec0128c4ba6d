import { z } from 'zod';
import type { QueueSnapshot } from '../metrics/queue-feed.ts';

/** The part of fauxqs's server, which is a Fastify instance, that shows its queues without a request to SQS. */
interface InspectableServer {
  inject(request: { readonly method: 'GET'; readonly url: string }): Promise<{ readonly body: string }>;
}

const queues = z.array(
  z.object({ name: z.string(), approximateMessageCount: z.int(), approximateInflightCount: z.int() }),
);
const message = z.object({ messageId: z.string(), sentTimestamp: z.number() });
const details = z.object({
  messages: z.object({
    ready: z.array(message),
    delayed: z.array(message),
    inflight: z.array(z.object({ message })),
  }),
});

/** Every queue as it is now; no consumer notices. */
export async function inspectQueues(app: InspectableServer): Promise<QueueSnapshot[]> {
  const ask = async (path: string): Promise<unknown> =>
    JSON.parse((await app.inject({ method: 'GET', url: `/_fauxqs/queues${path}` })).body);
  const snapshots = queues.parse(await ask('')).map(async ({ name, ...counts }) => {
    const { messages } = details.parse(await ask(`/${encodeURIComponent(name)}`));
    const all = [...messages.ready, ...messages.delayed, ...messages.inflight.map((entry) => entry.message)];
    return {
      name,
      visible: counts.approximateMessageCount,
      notVisible: counts.approximateInflightCount,
      messages: all.map(({ messageId, sentTimestamp }) => ({ id: messageId, sentMs: sentTimestamp })),
    };
  });
  return Promise.all(snapshots);
}
