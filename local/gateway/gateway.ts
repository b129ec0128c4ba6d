import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Dispatch } from '../emulators/front.ts';
import { serviceOf } from './service-of.ts';

/** Where the requests of a service go: the base URL of a server on this machine, or what answers them in this process. */
export type Route = string | Dispatch;

export interface GatewayOptions {
  /** By the name under which clients sign. */
  readonly routes: Readonly<Record<string, Route>>;
  /** 0 takes a free one. */
  readonly port: number;
  /** Told of what fails inside; clients get a server error. */
  readonly report: (error: unknown) => void;
}

/** One port for all services, as AWS_ENDPOINT_URL names it. */
export interface Gateway {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Cuts what is open and frees the port. */
  close(): Promise<void>;
}

/** Listens on loopback, and passes each request on to its service. @throws if the port is taken. */
export async function startGateway({ routes, port, report }: GatewayOptions): Promise<Gateway> {
  const server = createServer((incoming, outgoing) => {
    serve(routes, incoming, outgoing).catch((error: unknown) => {
      if (isGone(error)) return;
      report(error);
      if (outgoing.headersSent) outgoing.destroy();
      else answer(outgoing, 500, 'InternalFailure', String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) };
}

async function serve(routes: GatewayOptions['routes'], incoming: IncomingMessage, outgoing: ServerResponse) {
  const { method = 'GET', url = '/', headers } = incoming;
  const service = serviceOf(headers, url);
  const route = Object.hasOwn(routes, service) ? routes[service] : undefined;
  if (route === undefined) {
    const message = `The local cloud has no service ${service}; it has: ${Object.keys(routes).join(', ')}`;
    incoming.resume();
    return answer(outgoing, 501, 'UnknownService', message);
  }
  if (typeof route === 'string') return forward(route, incoming, outgoing);
  const response = await route({ method, url, headers, body: await buffer(incoming) });
  outgoing.writeHead(response.status, { ...response.headers, 'content-length': String(response.body.length) });
  outgoing.end(response.body);
}

/** The host stays as the client named it: queue URLs are made of it. */
async function forward(base: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  // This server has answered the client's Expect already.
  const { connection: _1, expect: _2, ...headers } = incoming.headers;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const upstream = request(new URL(incoming.url ?? '/', base), { method: incoming.method ?? 'GET', headers }, resolve);
  upstream.on('error', reject);
  outgoing.on('close', () => upstream.destroy());
  const sent = pipeline(incoming, upstream);
  const response = await promise;
  await sent;
  outgoing.writeHead(response.statusCode ?? 502, response.headers);
  await pipeline(response, outgoing);
}

/** In the form that the client's protocol expects. */
function answer(outgoing: ServerResponse, status: number, code: string, message: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code });
  outgoing.end(JSON.stringify({ __type: code, message }));
}

/** The client went away, which is its right. */
const isGone = (error: unknown): boolean =>
  ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
  server.closeAllConnections();
  await closed;
}
