import { request as httpRequest, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import type { InvokeResult } from '../../../../local/esm/types.ts';
import { accessLogLine } from '../../../../local/http/access-log.ts';
import { type ApiMetric, LocalApi } from '../../../../local/http/api.ts';
import type { ApiDefinition } from '../../../../local/http/definition.ts';
import { Throttle } from '../../../../local/http/throttle.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const definition = (changes: Partial<ApiDefinition> = {}): ApiDefinition => ({
  apiId: 'api1',
  name: 'test',
  routes: [
    { routeKey: 'GET /things/{id}', integrationId: 'i1', authorization: { kind: 'none' } },
    { routeKey: 'GET /private', integrationId: 'i1', authorization: { kind: 'iam' } },
  ],
  integrations: new Map([['i1', { functionArn: FUNCTION, timeoutMs: 30_000 }]]),
  authorizers: new Map(),
  stage: {
    accessLogFormat: '{"route":"$context.routeKey","status":"$context.status","error":"$context.error.message"}',
  },
  ...changes,
});

interface Running {
  readonly api: LocalApi;
  readonly events: Record<string, unknown>[];
  readonly lines: string[];
  readonly metrics: [ApiMetric, number][];
}

const open: LocalApi[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

const returned = (payload: unknown): InvokeResult => ({ kind: 'returned', requestId: 'r', payload });

/** An API whose function answers so. */
async function running(answer: () => Promise<InvokeResult> | InvokeResult, changes: Partial<ApiDefinition> = {}) {
  const api = await LocalApi.listen(definition(changes), { region: 'us-east-1', accountId: '000000000000' });
  open.push(api);
  const all: Running = { api, events: [], lines: [], metrics: [] };
  api.connect({
    invoke: async (functionArn, event) => {
      expect(functionArn).toBe(FUNCTION);
      all.events.push(event as Record<string, unknown>);
      return answer();
    },
    metric: (name, value) => all.metrics.push([name, value]),
    accessLog: (line) => all.lines.push(line),
  });
  return all;
}

/** Sends exactly this path: fetch would tidy it up. */
function ask(
  url: string,
  path: string,
  { body = '', ...options }: { method?: string; headers?: object; body?: string } = {},
) {
  const headers = { ...options.headers, 'content-length': Buffer.byteLength(body) };
  return new Promise<{ status: number; headers: object; body: string }>((resolve, reject) => {
    const request = httpRequest(url, { path, ...options, headers } as RequestOptions, (response) => {
      text(response).then((content) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content });
      }, reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

test("a function gets API Gateway's event, and its answer goes back", async () => {
  const all = await running(() =>
    returned({
      statusCode: 201,
      headers: { 'X-Made': 'yes', 'x-count': 3 },
      cookies: ['a=1', 'b=2'],
      body: '{"ok":true}',
    }),
  );
  const answer = await ask(all.api.url, '/things/a%2Fb%20%zz?x=1&x=%26&y=', {
    headers: { 'x-list': ['1', '2'], cookie: 'c=1; d=2', 'content-type': 'text/plain' },
    body: 'hello',
  });
  expect(answer).toMatchObject({ status: 201, body: '{"ok":true}' });
  expect(answer.headers).toMatchObject({ 'x-made': 'yes', 'x-count': '3', 'set-cookie': ['a=1', 'b=2'] });
  const [event] = all.events;
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'GET /things/{id}',
    rawPath: '/things/a/b %zz',
    rawQueryString: 'x=1&x=%26&y=',
    cookies: ['c=1', 'd=2'],
    headers: { 'x-list': '1,2', 'content-type': 'text/plain' },
    queryStringParameters: { x: '1,&', y: '' },
    pathParameters: { id: 'a/b %zz' },
    requestContext: { apiId: 'api1', stage: '$default', http: { method: 'GET', protocol: 'HTTP/1.1' } },
    body: 'hello',
    isBase64Encoded: false,
  });
  expect(event?.headers).not.toHaveProperty('cookie');
});

test('bytes travel in base64, both ways', async () => {
  const all = await running(() => returned({ statusCode: 200, body: '/wA=', isBase64Encoded: true }));
  await ask(all.api.url, '/things/1', {
    headers: { 'content-type': 'application/octet-stream' },
    body: '\u0001\u0002',
  });
  expect(all.events[0]).toMatchObject({ body: 'AQI=', isBase64Encoded: true });
});

test.each<[string, () => InvokeResult, number, string]>([
  ['an object without a status is the body of a 200', () => returned({ hello: 'you' }), 200, '{"hello":"you"}'],
  ['a text is too', () => returned('hello'), 200, 'hello'],
  ['a status that is none', () => returned({ statusCode: 'ok' }), 500, '{"message":"Internal Server Error"}'],
  [
    'a failed function',
    () => ({ kind: 'failed', requestId: 'r', functionError: 'Unhandled', message: 'secret' }),
    500,
    '{"message":"Internal Server Error"}',
  ],
  ['a throttled function', () => ({ kind: 'throttled' }), 503, '{"message":"Service Unavailable"}'],
])('%s', async (_, answer, status, body) => {
  const all = await running(answer);
  expect(await ask(all.api.url, '/things/1')).toMatchObject({ status, body });
});

test('a 304 has no body', async () => {
  const all = await running(() => returned({ statusCode: 304, headers: { etag: '"1"' }, body: '' }));
  const answer = await ask(all.api.url, '/things/1');
  expect([answer.status, answer.body]).toEqual([304, '']);
  expect(answer.headers).not.toHaveProperty('content-length');
});

test('a function that takes longer than its integration allows is a 504', async () => {
  const all = await running(() => new Promise<InvokeResult>(() => undefined), {
    integrations: new Map([['i1', { functionArn: FUNCTION, timeoutMs: 1 }]]),
  });
  expect((await ask(all.api.url, '/things/1')).status).toBe(504);
});

describe('without the function', () => {
  test('an unknown path is a 404 of the gateway, an unsigned request a 403', async () => {
    const all = await running(() => returned({}));
    expect(await ask(all.api.url, '/nowhere')).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
    expect(await ask(all.api.url, '/private')).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
    expect(all.events).toEqual([]);
  });

  test('a body over the quota is a 413', async () => {
    const all = await running(() => returned({}));
    const body = 'x'.repeat(10 * 1024 * 1024 + 1);
    const answer = ask(all.api.url, '/things/1', { method: 'POST', body });
    // The connection may be cut before the answer is read, as API Gateway does.
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(
      await answer.then(
        ({ status }) => status,
        ({ code }) => code,
      ),
    );
    expect(all.events).toEqual([]);
  });

  test('requests beyond the limit are a 429', async () => {
    const all = await running(() => returned({}), { stage: { throttle: { ratePerSecond: 0.001, burst: 2 } } });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await ask(all.api.url, '/things/1')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('and before it is there, every request is a 503', async () => {
    const api = await LocalApi.listen(definition(), { region: 'us-east-1', accountId: '000000000000' });
    open.push(api);
    expect((await ask(api.url, '/things/1')).status).toBe(503);
  });
});

test('each request is a line of the access log and counts', async () => {
  const all = await running(() => returned({ statusCode: 404 }));
  await ask(all.api.url, '/things/secret');
  await ask(all.api.url, '/private');
  expect(all.lines).toEqual([
    '{"route":"GET /things/{id}","status":"404","error":"-"}',
    '{"route":"GET /private","status":"403","error":"Forbidden"}',
  ]);
  const sum = (name: ApiMetric) =>
    all.metrics.filter(([one]) => one === name).reduce((total, [, value]) => total + value, 0);
  expect([sum('Count'), sum('4xx'), sum('5xx')]).toEqual([2, 2, 0]);
});

test('an access log keeps its form whatever a variable holds', () => {
  const line = accessLogLine('{"a":"$context.path","b":"$context.unheard"}', { path: '/"\n$context.b' });
  expect(JSON.parse(line)).toEqual({ a: '/"\n$context.b', b: '-' });
});

test('a token bucket lets the burst through at once, and then the rate', () => {
  const throttle = new Throttle(10, 3, 0);
  expect([0, 0, 0, 0].map((ms) => throttle.take(ms))).toEqual([true, true, true, false]);
  expect([99, 100, 100, 1_000_000].map((ms) => throttle.take(ms))).toEqual([false, true, false, true]);
});
