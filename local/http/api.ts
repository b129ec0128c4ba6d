import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CloudClock, stopwatch } from '../clock.ts';
import type { InvokeResult } from '../esm/types.ts';
import { accessLogLine } from './access-log.ts';
import { authorizeIam, authorizeJwt, type Verdict } from './authorize.ts';
import type { ApiDefinition, IntegrationDefinition, RouteDefinition } from './definition.ts';
import { type GatewayRequest, proxyEvent, requestTime } from './event.ts';
import { matchRoute } from './matching.ts';
import { readRequest } from './read-request.ts';
import { type GatewayResponse, gatewayMessage, responseOf } from './response.ts';
import { Throttle } from './throttle.ts';

/** What an API tells about itself; the names are those of API Gateway's metrics. */
export type ApiMetric = 'Count' | '4xx' | '5xx' | 'Latency' | 'IntegrationLatency';

/** Whom an API calls. */
export interface ApiPorts {
  /** Invokes a function by its ARN. */
  invoke(functionArn: string, event: object): Promise<InvokeResult>;
  metric(name: ApiMetric, value: number): void;
  /** By which latency is measured; the machine's by default. */
  readonly clock?: Pick<CloudClock, 'aheadMs'>;
  /** Takes a line of the access log. */
  accessLog(line: string): void;
}

export interface ApiPlace {
  readonly region: string;
  readonly accountId: string;
}

/** Answers a request is given, and how long its function took. */
interface Answered {
  readonly response: GatewayResponse;
  readonly integrationMs?: number;
  readonly error?: string;
}

/** An HTTP API of API Gateway, listening on loopback: routes, authorization, throttling, payload format 2.0 and the access log. */
export class LocalApi {
  readonly definition: ApiDefinition;
  readonly #server: Server;
  readonly #place: ApiPlace;
  #ports: ApiPorts | undefined;
  #throttle: Throttle | undefined;

  private constructor(definition: ApiDefinition, place: ApiPlace) {
    this.definition = definition;
    this.#place = place;
    this.#server = createServer((incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
    });
  }

  /** Listens on a free port. Until `connect` every request is answered with 503. */
  static async listen(definition: ApiDefinition, place: ApiPlace): Promise<LocalApi> {
    const api = new LocalApi(definition, place);
    await new Promise<void>((resolve, reject) => {
      api.#server.once('error', reject);
      api.#server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** `http://127.0.0.1:<port>`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  connect(ports: ApiPorts): void {
    const { throttle } = this.definition.stage ?? {};
    if (throttle !== undefined) this.#throttle = new Throttle(throttle.ratePerSecond, throttle.burst, Date.now());
    this.#ports = ports;
  }

  /** Cuts what is open and frees the port. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve, reject) =>
      this.#server.close((error) => (error ? reject(error) : resolve())),
    );
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const elapsedMs = stopwatch(this.#ports?.clock);
    const request = await readRequest(incoming, Date.now());
    if (request === undefined) {
      send(outgoing, gatewayMessage(413, 'Request Entity Too Large', { connection: 'close' }));
      return;
    }
    const match = matchRoute(this.definition.routes, request.method, request.path);
    const answered = await this.#answer(request, match?.route, match?.pathParameters ?? {});
    send(outgoing, answered.response, request.id);
    this.#record(request, match?.route.routeKey, answered, elapsedMs());
  }

  async #answer(
    request: GatewayRequest,
    route: RouteDefinition | undefined,
    pathParameters: Readonly<Record<string, string>>,
  ): Promise<Answered> {
    const ports = this.#ports;
    if (ports === undefined) return refused(gatewayMessage(503, 'Service Unavailable'), 'the local cloud is starting');
    if (route === undefined || this.definition.stage === undefined) return refused(gatewayMessage(404, 'Not Found'));
    if (this.#throttle?.take(Date.now()) === false) return refused(gatewayMessage(429, 'Too Many Requests'));
    const verdict = this.#authorize(request, route);
    if (verdict !== undefined && 'refused' in verdict) return refused(verdict.refused);
    const integration = this.definition.integrations.get(route.integrationId);
    if (integration === undefined) throw new Error(`Route ${route.routeKey} has no integration`);
    const event = proxyEvent(request, {
      apiId: this.definition.apiId,
      accountId: this.#place.accountId,
      domainName: request.headers.get('host')?.[0] ?? '',
      routeKey: route.routeKey,
      pathParameters,
      authorizer: verdict?.allowed,
    });
    return integrate(integration, event, ports);
  }

  #authorize({ headers, timeMs }: GatewayRequest, { authorization }: RouteDefinition): Verdict | undefined {
    const { region, accountId } = this.#place;
    if (authorization.kind === 'none') return undefined;
    if (authorization.kind === 'iam') return authorizeIam(headers, region, accountId);
    const authorizer = this.definition.authorizers.get(authorization.authorizerId);
    if (authorizer === undefined) throw new Error(`There is no authorizer ${authorization.authorizerId}`);
    return authorizeJwt(headers, authorizer, authorization.scopes, timeMs);
  }

  #record(request: GatewayRequest, routeKey: string | undefined, answered: Answered, latencyMs: number): void {
    const { response, integrationMs, error } = answered;
    const { status, body } = response;
    const { accessLogFormat } = this.definition.stage ?? {};
    this.#ports?.metric('Count', 1);
    this.#ports?.metric('4xx', status >= 400 && status < 500 ? 1 : 0);
    this.#ports?.metric('5xx', status >= 500 ? 1 : 0);
    this.#ports?.metric('Latency', latencyMs);
    if (integrationMs !== undefined) this.#ports?.metric('IntegrationLatency', integrationMs);
    if (accessLogFormat === undefined) return;
    const line = accessLogLine(accessLogFormat, {
      requestId: request.id,
      requestTime: requestTime(request.timeMs),
      requestTimeEpoch: request.timeMs,
      routeKey,
      httpMethod: request.method,
      path: request.path,
      protocol: request.protocol,
      'identity.sourceIp': request.sourceIp,
      status,
      responseLength: body.length,
      responseLatency: Math.round(latencyMs),
      integrationLatency: integrationMs === undefined ? undefined : Math.round(integrationMs),
      integrationStatus: integrationMs === undefined ? undefined : 200,
      'error.message': integrationMs === undefined && status >= 400 ? messageOf(body) : undefined,
      integrationErrorMessage: error,
    });
    this.#ports?.accessLog(line);
  }
}

const refused = (response: GatewayResponse, error?: string): Answered =>
  error === undefined ? { response } : { response, error };

async function integrate(
  { functionArn, timeoutMs }: IntegrationDefinition,
  event: object,
  { invoke, clock }: ApiPorts,
): Promise<Answered> {
  const elapsedMs = stopwatch(clock);
  const result = await within(timeoutMs, invoke(functionArn, event));
  const integrationMs = elapsedMs();
  if (result === undefined)
    return { response: gatewayMessage(504, 'Gateway Timeout'), integrationMs, error: 'timeout' };
  if (result.kind === 'throttled') {
    return { response: gatewayMessage(503, 'Service Unavailable'), integrationMs, error: 'throttled' };
  }
  const response = result.kind === 'returned' ? responseOf(result.payload) : undefined;
  if (response !== undefined) return { response, integrationMs };
  const error = result.kind === 'failed' ? 'the function failed' : 'the function returned no response';
  return { response: gatewayMessage(500, 'Internal Server Error'), integrationMs, error };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const expired = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => expired.resolve(undefined), ms);
  try {
    return await Promise.race([work, expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const messageOf = (body: Buffer): string => String((JSON.parse(body.toString()) as { message?: unknown }).message);

function send(outgoing: ServerResponse, { status, headers, body }: GatewayResponse, requestId?: string): void {
  const hasBody = status !== 204 && status !== 304;
  outgoing.writeHead(status, {
    ...(headers as Record<string, string | string[]>),
    ...(hasBody ? { 'content-length': String(body.length) } : {}),
    ...(requestId === undefined ? {} : { 'apigw-requestid': requestId }),
  });
  outgoing.end(hasBody ? body : undefined);
}
