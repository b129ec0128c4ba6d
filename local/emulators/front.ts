import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A complete request of an AWS JSON protocol. */
export interface ApiRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What writes to DynamoDB cost, where whoever answered has counted it. Not for the client. */
  readonly writeUnits?: readonly ConsumedUnits[];
}

/** Capacity units of a table without its indexes, or of one of its indexes. */
export interface ConsumedUnits {
  readonly table: string;
  readonly index?: string;
  readonly units: number;
}

/** Answers one request. */
export type Dispatch = (request: ApiRequest) => Promise<ApiResponse>;

/**
 * What becomes of a request: `pass` serves it; `throttle` refuses it as an overloaded shard or partition does; `drop`
 * cuts the connection before the service saw it; `lose-answer` serves it and cuts the connection before the answer.
 */
export type Fault = 'pass' | 'throttle' | 'drop' | 'lose-answer';

/** Serves the request only then: its client may have gone by that time, as a host that died has. */
export interface Late {
  readonly after: Promise<void>;
}

/** What a fault hook may decide by. */
export interface FaultRequest {
  readonly service: 'kinesis' | 'dynamodb' | 'sqs';
  /** `PutItem`, `GetRecords` and so on. */
  readonly operation: string;
  /** The request's input, parsed anew at every call. */
  readonly input: () => unknown;
}

/** Called once for each request of a client, before it is served. */
export type FaultHook = (request: FaultRequest) => Fault | Late;

/** A request of a client that was answered, by the service or by a fault that throttles. */
export interface Exchange extends FaultRequest {
  readonly response: ApiResponse;
}

export interface Front {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Cuts what is open and frees the port. */
  close(): Promise<void>;
}

const LARGEST_REQUEST = 16 * 1024 * 1024;

/** The operation of an AWS JSON request, `PutItem`; empty if the request names none. */
export function operationOf(request: ApiRequest): string {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? (target.split('.')[1] ?? '') : '';
}

/**
 * A loopback server in front of an emulator in this process. It reads each request to its end before the emulator
 * sees it: kinesalite and dynalite throw, and so end the process, when a client goes away in the middle of a request,
 * which killed functions do.
 *
 * @throws if the port is taken.
 */
export async function startFront(
  service: FaultRequest['service'],
  dispatch: Dispatch,
  { fault, observe, port }: FrontOptions,
): Promise<Front> {
  const described = (request: ApiRequest): FaultRequest => ({
    service,
    operation: operationOf(request),
    input: () => JSON.parse(request.body.toString()),
  });
  return startServer(dispatch, {
    gate: (request) => fault(described(request)),
    ...(port === undefined ? {} : { port }),
    ...(observe ? { answered: (request, response) => observe({ ...described(request), response }) } : {}),
  });
}

export interface FrontOptions {
  readonly fault: FaultHook;
  /** Is told of every exchange, before the client has its answer. */
  readonly observe?: (exchange: Exchange) => void;
  readonly port?: number;
}

interface ServerOptions {
  /** What becomes of a request; by default all pass. */
  readonly gate?: (request: ApiRequest) => Fault | Late;
  /** Is told of every answer before the client has it. */
  readonly answered?: (request: ApiRequest, response: ApiResponse) => void;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

/** AWS keeps connections that rest. Node's servers close them after 5 s, at times under a request that is just sent. */
const KEEP_ALIVE_MS = 60_000;

/** A loopback server of an AWS JSON protocol. @throws if the port is taken. */
export async function startServer(dispatch: Dispatch, options: ServerOptions = {}): Promise<Front> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    serve(dispatch, options, req, res).catch((error: unknown) => refuse(res, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => close(server) };
}

/** Sends requests to an emulator's request listener without a socket in between; the emulator never listens. */
export function dispatchTo(emulator: Server): Dispatch {
  return (request) =>
    new Promise((resolve) => {
      const req = Object.assign(new EventEmitter(), {
        method: request.method,
        url: request.url,
        headers: request.headers,
      });
      emulator.emit('request', req, new MemoryResponse(resolve));
      if (request.body.length > 0) req.emit('data', request.body);
      req.emit('end');
    });
}

/** The part of a ServerResponse that kinesalite and dynalite use. */
class MemoryResponse {
  statusCode = 200;
  readonly #headers: Record<string, string> = {};
  readonly #done: (response: ApiResponse) => void;

  constructor(done: (response: ApiResponse) => void) {
    this.#done = done;
  }

  setHeader(name: string, value: unknown): void {
    this.#headers[name.toLowerCase()] = String(value);
  }

  end(body?: string | Buffer): void {
    this.#done({ status: this.statusCode, headers: this.#headers, body: Buffer.from(body ?? '') });
  }
}

async function serve(
  dispatch: Dispatch,
  { gate, answered }: ServerOptions,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const body = await readBody(req);
  if (!body) return;
  const request = { method: req.method ?? 'GET', url: req.url ?? '/', headers: req.headers, body };
  const verdict = gate?.(request) ?? 'pass';
  if (verdict === 'drop') return void req.socket.destroy();
  if (typeof verdict === 'object') await verdict.after;
  const response = verdict === 'throttle' ? throttled(request) : await dispatch(request);
  answered?.(request, response);
  if (verdict === 'lose-answer') return void req.socket.destroy();
  const { 'transfer-encoding': _, ...headers } = response.headers;
  res.writeHead(response.status, { ...headers, 'content-length': String(response.body.length) });
  res.end(response.body);
}

/** The whole body; nothing if the client went away or sent too much, in which case the connection is cut. */
async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= LARGEST_REQUEST) return;
      req.destroy();
      resolve(undefined);
    });
    req.on('end', () => resolve(Buffer.concat(chunks, length)));
    req.on('error', () => resolve(undefined));
  });
}

function throttled(request: ApiRequest): ApiResponse {
  const error = {
    __type: 'ProvisionedThroughputExceededException',
    message: 'Throttled by the fault hook of the local cloud',
  };
  return {
    status: 400,
    headers: { 'content-type': String(request.headers['content-type'] ?? 'application/x-amz-json-1.0') },
    body: Buffer.from(JSON.stringify(error)),
  };
}

/** A fault of the emulator itself reaches the client as a server error, with its cause. */
function refuse(res: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  res.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
  res.end(JSON.stringify({ __type: 'InternalFailure', message }));
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
  server.closeAllConnections();
  await closed;
}
