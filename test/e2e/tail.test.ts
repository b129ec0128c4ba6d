import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import { serve, visitorOfCookies } from '../../examples/web-tracker/server.ts';
import { createTracker, MOST_BYTES, type TrackerLine } from '../../examples/web-tracker/tracker.ts';
import { createProducer, type Producer } from '../../lambdas/producer/index.ts';
import { Interrupted } from '../../local/cli/interrupt.ts';
import { LOCAL_STATE_ENV, publishLocalState } from '../../local/cli/local-state.ts';
import { tail } from '../../local/cli/tail/command.ts';
import { localClients, type OwnedClients } from '../../local/clients.ts';
import { type Emulators, REGION, startEmulators } from '../../local/emulators/emulators.ts';
import { until } from '../support/until.ts';
import { captured } from '../unit/cli/captured.ts';

/** A page's clicks and views: over HTTP to the tracker, into the stream, and live out of the tail. */

const STREAM = 'the-shop';
const USER = 'ada+private';

let emulators: Emulators;
let owned: OwnedClients;
let producer: Producer;
let server: Server;
let directory: string;
let published: Disposable;
const log: TrackerLine[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-tracker-'));
  process.env[LOCAL_STATE_ENV] = join(directory, 'local.json');
  emulators = await startEmulators();
  const { endpoints } = emulators;
  owned = localClients(endpoints);
  await owned.clients.kinesis.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 2 }));
  const stacks = { 'Millrace-local-Stateful': { ShopStreamName: STREAM } };
  published = publishLocalState({ pid: process.pid, region: REGION, endpoints, stacks });
  producer = createProducer({
    stream: STREAM,
    source: 'urn:test:web',
    client: owned.clients.kinesis,
    lingerMs: 0,
    attempts: 1,
  });
  server = serve(createTracker({ producer, visitorOf: visitorOfCookies, log: (line) => log.push(line) }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await producer.close();
  published[Symbol.dispose]();
  delete process.env[LOCAL_STATE_ENV];
  rmSync(directory, { recursive: true });
  owned.destroy();
  await emulators.stop();
});

beforeEach(() => {
  log.length = 0;
});
afterEach(() => emulators.setFaultHook());

let ids = 0;
const newId = (): string => `event-id-of-the-page-${ids++}`;
const click = (changes: object = {}) => ({ kind: 'click', id: newId(), element: 'buy', productId: 'mug', ...changes });
const view = (changes: object = {}) => ({ kind: 'view', id: newId(), path: '/mugs', ...changes });

async function post(body: unknown, init: RequestInit = {}) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { cookie: `user=${USER}; session=visit-1` };
  const response = await fetch(url, { method: 'POST', body: text, headers, ...init });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** Everything in the stream, as `tail` prints it. */
async function shown(count: number, unmask: boolean): Promise<string> {
  const { output, stdout } = captured();
  const options = { stage: 'local', from: { kind: 'horizon' }, type: [], key: [], where: [], json: false } as const;
  await tail('shop', { ...options, unmask, limit: count }, output, new AbortController().signal);
  return stdout();
}

test('what a page posts is shown live, and whose it is only to who asks for it', async () => {
  const { output, stdout } = captured();
  const interrupt = new AbortController();
  const options = { stage: 'local', from: { kind: 'horizon' }, type: [], key: [], where: [], json: false } as const;
  const live = tail('shop', { ...options, unmask: false }, output, interrupt.signal);
  expect((await post({ events: [view()] })).status).toBe(202);
  await until(() => stdout().includes('looked at /mugs'));
  expect((await post({ events: [click(), view({ path: '/cart' })] })).status).toBe(202);
  await until(() => stdout().includes('looked at /cart'));
  interrupt.abort(new Interrupted('SIGINT'));
  expect(await live).toBe(0);

  const sentences = stdout()
    .trim()
    .split('\n')
    .map((line) => line.replace(/^.*user #[0-9a-f]{6} /, ''));
  expect(sentences).toEqual(['looked at /mugs', 'clicked buy on mug', 'looked at /cart']);
  expect(stdout()).not.toContain(USER);
  expect(await shown(3, true)).toContain(`user ${USER} clicked buy on mug`);
  expect(log).toEqual([
    { status: 202, events: 1 },
    { status: 202, events: 2 },
  ]);
});

describe('what can never be sent is refused as a whole', () => {
  const many = Array.from({ length: 51 }, () => view());

  test.each<[string, () => unknown, RequestInit, number, RegExp]>([
    ['no JSON', () => 'hello', {}, 400, /body: /],
    ['no events', () => ({ events: [] }), {}, 400, /events: /],
    ['more events than one request holds', () => ({ events: many }), {}, 400, /events: /],
    ['an event of no known kind', () => ({ events: [view({ kind: 'scroll' })] }), {}, 400, /events\.0\.kind/],
    ['an event without an id', () => ({ events: [view({ id: undefined })] }), {}, 400, /events\.0\.id/],
    ['a user of the page’s own choosing', () => ({ events: [view({ user: 'root' })] }), {}, 400, /not known/],
    [
      'one wrong event among right ones',
      () => ({ events: [view(), click({ element: 'x'.repeat(257) })] }),
      {},
      400,
      /events\.1\.element/,
    ],
    ['nobody', () => ({ events: [view()] }), { headers: {} }, 400, /Nobody/],
    ['too much', () => 'x'.repeat(MOST_BYTES + 1), {}, 413, /bytes at most/],
    ['another method', () => '{}', { method: 'PUT' }, 405, /Post/],
  ])('%s', async (_, body, init, status, detail) => {
    const puts: string[] = [];
    emulators.setFaultHook(({ operation }) => {
      puts.push(operation);
      return 'pass';
    });
    const answer = await post(body(), init);
    expect([answer.status, JSON.parse(answer.body).detail]).toEqual([status, expect.stringMatching(detail)]);
    expect(puts).toEqual([]);
  });

  test('also if it does not say beforehand how much it is', async () => {
    const chunks = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(8_000))),
    });
    const request = new Request('http://127.0.0.1/', { method: 'POST', body: chunks, duplex: 'half' });
    const handler = createTracker({ producer, visitorOf: visitorOfCookies, log: (line) => log.push(line) });
    expect((await handler(request)).status).toBe(413);
  });
});

test('a stream that does not take events is a 503, and the same body counts once when it does', async () => {
  emulators.setFaultHook(({ operation }) => (operation === 'PutRecords' ? 'throttle' : 'pass'));
  const body = { events: [click({ element: 'retried' })] };
  const refused = await post(body);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(log.at(-1)).toEqual({ status: 503, events: 1, error: 'UndeliveredError' });

  emulators.setFaultHook();
  expect((await post(body)).status).toBe(202);
  expect((await post(body)).status).toBe(202);
  const { output, stdout } = captured();
  const options = { stage: 'local', from: { kind: 'horizon' }, type: [], key: [], json: true, unmask: true } as const;
  const where = ['data.element=retried'];
  await tail('shop', { ...options, where, limit: 2 }, output, new AbortController().signal);
  const sent = stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event);
  expect(new Set(sent.map(({ id, source }) => `${source} ${id}`)).size).toBe(1);
});

test('nothing of a person is logged', async () => {
  await post({ events: [view(), click()] });
  await post('{"events":');
  expect(log).toHaveLength(2);
  expect(JSON.stringify(log)).not.toMatch(/ada|visit-1|mug/);
});
