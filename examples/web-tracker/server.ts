/** The tracker behind a plain HTTP server on this machine: `node examples/web-tracker/server.ts`. See README.md. */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { createProducer } from '../../lambdas/producer/index.ts';
import { createTracker, type Visitor } from './tracker.ts';

/** Serves a Fetch-style handler. What it throws is a 500 and a line on standard error. */
export function serve(handler: (request: Request) => Promise<Response>): Server {
  return createServer((incoming, outgoing) => {
    handler(requestOf(incoming))
      .then(async (response) => {
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        outgoing.end(Buffer.from(await response.arrayBuffer()));
      })
      .catch((error: unknown) => {
        console.error(error instanceof Error ? error.name : 'unknown error');
        outgoing.writeHead(500).end();
      });
  });
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', url = '/', headers } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(url, 'http://127.0.0.1'), {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]),
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
  });
}

/** A real back end looks the visitor up by a session cookie that it has signed; the demonstration believes what the cookies say. */
export function visitorOfCookies(request: Request): Visitor | undefined {
  const cookies = new Map(
    (request.headers.get('cookie') ?? '').split(/; */).map((pair) => pair.split('=', 2) as [string, string]),
  );
  const user = cookies.get('user');
  const session = cookies.get('session');
  return user ? { user, ...(session ? { session } : {}) } : undefined;
}

if (import.meta.main) {
  const { STREAM: stream, PORT = '8080' } = process.env;
  if (!stream) throw new Error("Environment variable STREAM is not set: the stream's physical name");
  const producer = createProducer({ stream, source: 'urn:millrace:example:web-tracker', lingerMs: 20 });
  const server = serve(createTracker({ producer, visitorOf: visitorOfCookies }));
  server.listen(Number(PORT), '127.0.0.1', () => console.error(`Post events to http://127.0.0.1:${PORT}/`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close(() => void producer.close());
      server.closeIdleConnections();
    });
  }
}
