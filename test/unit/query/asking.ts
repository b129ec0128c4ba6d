import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createApi, type FaultLog } from '../../../lambdas/query/api.ts';
import type { Rows } from '../../../lambdas/query/rows.ts';
import { segmentShard } from '../../../lambdas/systems/profiles/segment.ts';
import { profilesView } from '../../../lambdas/systems/profiles/view.ts';
import { proxyEvent } from '../../../local/http/event.ts';
import { matchRoute } from '../../../local/http/matching.ts';

const ROUTES = ['GET /profiles/{id}', 'GET /profiles', 'GET /health', '$default'].map((routeKey) => ({ routeKey }));

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The event of a request, as the local gateway makes it. */
export function eventOf(url: string, { method = 'GET', headers = {}, body = '' }: Asked = {}): APIGatewayProxyEventV2 {
  const [path = '', queryString = ''] = url.split('?');
  const match = matchRoute(ROUTES, method, path);
  const request = {
    id: 'request-1',
    method,
    path,
    queryString,
    protocol: 'HTTP/1.1',
    sourceIp: '127.0.0.1',
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
    body: Buffer.from(body),
    timeMs: 0,
  };
  return proxyEvent(request, {
    apiId: 'api',
    accountId: '000000000000',
    domainName: 'api.test',
    routeKey: match?.route.routeKey ?? '$default',
    pathParameters: match?.pathParameters ?? {},
    authorizer: undefined,
  });
}

/** What the API logged of faults. */
export interface Logged extends FaultLog {
  readonly lines: string[];
}

export const logged = (): Logged => {
  const lines: string[] = [];
  return { lines, error: (message, details) => lines.push(JSON.stringify({ ...details, message })) };
};

/** Asks the API over these rows. The body is parsed; null if there is none. */
export function asking(rows: Rows, log: FaultLog = logged()) {
  const api = createApi({ views: [profilesView], rows: () => rows, log });
  return async (event: string | APIGatewayProxyEventV2, asked: Asked = {}) => {
    const context = { awsRequestId: 'invocation-1' } as Context;
    const {
      statusCode,
      headers = {},
      body,
    } = await api(typeof event === 'string' ? eventOf(event, asked) : event, context);
    return { status: statusCode, headers, body: body === '' || body === undefined ? null : JSON.parse(body) };
  };
}

/** An item of the state table, as the processor writes it. */
export const profileItem = (id: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  id,
  _v: 7,
  _e: 'epoch-1',
  _s: 1,
  _tx: 'token',
  _pos: { 'shop:0': '1/0/1' },
  _ids: new Uint8Array([1, 2]),
  status: 'active',
  cart: [{ productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' }],
  cartValue: { EUR: 1780 },
  totalSpend: { EUR: 6_000 },
  orders: { EUR: 1 },
  recentProducts: ['mug'],
  firstSeen: '2026-01-01T00:00:00.000Z',
  lastSeen: '2026-01-02T00:00:00.000Z',
  segment: 'medium',
  segmentShard: segmentShard('medium', id),
  segmentSince: '2026-01-02T00:00:00.000Z',
  ...changes,
});
