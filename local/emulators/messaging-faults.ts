import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FaultHook } from './front.ts';

/** The parts of fauxqs's server, which is a Fastify instance, that faults need. */
interface HookableServer {
  addHook(name: 'preHandler', hook: (request: Request, reply: Reply) => Promise<unknown>): unknown;
  addHook(name: 'onSend', hook: (request: Request, reply: Reply, payload: unknown) => Promise<unknown>): unknown;
}

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly raw: IncomingMessage;
}

interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  send(body: object): Reply;
  hijack(): Reply;
}

/** From now on `fault` decides on each request to SQS. SNS and S3, which share the server, are left alone. */
export function faultQueues(app: HookableServer, fault: FaultHook): void {
  const lost = new WeakSet<Request>();
  app.addHook('preHandler', async (request, reply) => {
    const operation = queueOperation(request.headers);
    if (operation === undefined) return;
    const verdict = fault({ service: 'sqs', operation, input: () => structuredClone(request.body) });
    if (typeof verdict === 'object') await verdict.after;
    switch (verdict) {
      case 'drop':
        reply.hijack();
        request.raw.socket.destroy();
        break;
      case 'throttle':
        return reply.code(400).header('content-type', 'application/x-amz-json-1.0').send(THROTTLED);
      case 'lose-answer':
        lost.add(request);
    }
  });
  app.addHook('onSend', async (request, _reply, payload) => {
    if (lost.has(request)) request.raw.socket.destroy();
    return payload;
  });
}

/** SQS's own name of an exceeded request rate (API Reference, "Common Errors": RequestThrottled). */
const THROTTLED = {
  __type: 'com.amazonaws.sqs#RequestThrottled',
  message: 'Throttled by the fault hook of the local cloud',
};

/** `SendMessageBatch` and so on; undefined for requests to the other services. */
function queueOperation(headers: IncomingHttpHeaders): string | undefined {
  const target = headers['x-amz-target'];
  return typeof target === 'string' && target.startsWith('AmazonSQS.') ? target.slice('AmazonSQS.'.length) : undefined;
}
