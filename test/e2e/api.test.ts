import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { CloudEvent } from '../../lambdas/core/event.ts';
import { erasureRequested, itemAdded, orderPurchased } from '../../lambdas/systems/profiles/events.ts';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../lib/stacks/outputs.ts';
import { askApi } from '../../local/cli/api/ask.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { type Synthesis, synthesize } from '../../local/synth.ts';
import { eventOf } from '../support/events.ts';
import { type Answer, type Contract, contractOf } from '../support/openapi/contract.ts';

/** The REST API as it is deployed, through the local gateway, on rows that the processor wrote, against its committed document. */

const DOCUMENT = JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi/millrace.json'), 'utf8'));
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Texts that must stay out of all logs. */
const ADA = 'ada+private@example.org';
const GRACE = 'grace/with a slash, 100 %, ? and #';
const ERASED = 'erased-person';
const BUYERS = Array.from({ length: 45 }, (_, n) => `buyer-${n}`);

let synthesis: Synthesis;
let cloud: Cloud;
let endpoint: string;
let contract: Contract;

beforeAll(async () => {
  contract = contractOf(DOCUMENT);
  synthesis = await synthesize({
    context: { batchingWindowSeconds: 0, apiRequestsPerSecond: 10_000, apiBurst: 5_000 },
  });
  cloud = await startCloud({ assemblyDir: synthesis.directory });
  endpoint = cloud.output(statelessStackName('local'), STATELESS_OUTPUTS.apiEndpoint);
  await put([
    eventOf(itemAdded, { productId: 'mug', quantity: 2, unitPrice: 890, currency: 'EUR' }, { subject: ADA }),
    purchase(GRACE, 21_000),
    purchase(ERASED, 21_000),
    eventOf(erasureRequested, {}, { subject: ERASED }),
    ...BUYERS.map((buyer, n) => purchase(buyer, 6_000, n % 7)),
  ]);
  await cloud.untilDrained(AbortSignal.timeout(60_000));
});

afterAll(async () => {
  await cloud.stop();
  synthesis[Symbol.dispose]();
});

function purchase(subject: string, total: number, minute = 0): CloudEvent {
  const data = { orderId: 'o', currency: 'EUR', total, lines: [{ productId: 'mug', quantity: 1, unitPrice: total }] };
  return eventOf(orderPurchased, data, { subject, time: `2026-01-01T00:0${minute}:00Z` });
}

async function put(events: readonly CloudEvent[]): Promise<void> {
  const StreamName = cloud.output(statefulStackName('local'), STATEFUL_OUTPUTS.streamName('shop'));
  const Records = events.map((event) => ({ PartitionKey: event.subject, Data: Buffer.from(JSON.stringify(event)) }));
  const { FailedRecordCount } = await cloud.clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  expect(FailedRecordCount).toBe(0);
}

const caller = () => ({ endpoint, region: 'us-east-1', credentials });

/** Asks, and holds the answer against the document. */
async function ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const answer = await askApi(caller(), path, headers);
  expect(contract.violations('GET', path, answer)).toEqual([]);
  return answer;
}

const profile = (id: string): string => `/profiles/${encodeURIComponent(id)}`;

describe('every answer is as the OpenAPI document says', () => {
  test.each([
    ['a profile', profile(ADA), 200],
    ['a profile whose id needs escaping', profile(GRACE), 200],
    ['a profile, read consistently', `${profile(ADA)}?consistent=true`, 200],
    ['an erased profile', profile(ERASED), 200],
    ['a profile that is not there', profile('nobody'), 404],
    ['a wrong parameter', `${profile(ADA)}?consistent=perhaps`, 400],
    ['a list', '/profiles?segment=high', 200],
    ['a list without a segment', '/profiles', 400],
    ['a list with a cursor of somebody else', '/profiles?segment=high&cursor=AAAAAAAAAAAAAAAA', 400],
    ['health', '/health', 200],
  ])('%s', async (_, path, status) => expect((await ask(path)).status).toBe(status));

  test('what the caller has already', async () => {
    const { headers } = await ask(profile(ADA));
    const again = await ask(profile(ADA), { 'if-none-match': String(headers.get('etag')) });
    expect([again.status, again.headers.get('etag')]).toEqual([304, headers.get('etag')]);
  });

  test.each([
    ['no signature', {}],
    ['a token where a signature belongs', { authorization: 'Bearer a.b.c' }],
  ])('a request with %s', async (_, headers) => {
    const response = await fetch(endpoint + profile(ADA), { headers });
    const answer = { status: response.status, headers: response.headers, body: await response.text() };
    expect(answer.status).toBe(403);
    expect(contract.violations('GET', profile(ADA), answer)).toEqual([]);
  });

  test('a row that no code of ours wrote', async () => {
    const TableName = cloud.output(statefulStackName('local'), STATEFUL_OUTPUTS.tableName('profiles'));
    await cloud.clients.documents.send(new PutCommand({ TableName, Item: { id: 'damaged', status: 'odd' } }));
    expect((await ask(profile('damaged'))).status).toBe(500);
  });
});

test('a profile is what its events made of it, and its tag changes with the next event', async () => {
  const before = await ask(profile(ADA));
  expect(JSON.parse(before.body)).toMatchObject({ id: ADA, version: 1, profile: { cartValue: { EUR: 1_780 } } });
  await put([purchase(ADA, 500)]);
  await cloud.untilDrained(AbortSignal.timeout(60_000));
  const after = await ask(`${profile(ADA)}?consistent=true`, { 'if-none-match': String(before.headers.get('etag')) });
  expect(after.status).toBe(200);
  expect(JSON.parse(after.body)).toMatchObject({ version: 2, profile: { totalSpend: { EUR: 500 }, segment: 'low' } });
});

test('a walk through a segment shows everybody once, those who moved there last first', async () => {
  const seen: { id: string; segmentSince: string }[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const { body } = await ask(`/profiles?segment=medium&limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page = JSON.parse(body);
    seen.push(...page.items);
    cursor = page.nextCursor;
  }
  expect(seen.map(({ id }) => id).toSorted()).toEqual(BUYERS.toSorted());
  const times = seen.map(({ segmentSince }) => segmentSince);
  expect(times).toEqual(times.toSorted().reverse());
});

/** Sends exactly these characters as the path. fetch would tidy them up. */
async function askRaw(method: string, path: string, body: string): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  const signature = `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
  const headers = {
    authorization: signature,
    'x-amz-date': '20260101T000000Z',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      const given = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as [string, string]);
      text(response).then((content) => {
        resolve({ status: response.statusCode ?? 0, headers: new Headers(given), body: content });
      }, reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Whatever a URL may hold: printable ASCII without the blank and the fragment's sign. */
const urlText = fc
  .string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 30 })
  .map((one) => one.replaceAll('#', '%'));
const bytes = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 })
  .map((all) => all.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
const part = fc.oneof(
  urlText,
  bytes,
  fc.constantFrom('..', '.', '%2e%2e', '%2F', '%00', '', 'x'.repeat(300), encodeURIComponent(ADA)),
);
const path = fc.oneof(
  fc
    .tuple(fc.constantFrom('/profiles/', '/profiles', '/health', '/'), part)
    .map(([prefix, rest]) => prefix + rest.replaceAll('?', '')),
  fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/').replaceAll('?', '')}`),
);
const parameter = fc.tuple(
  fc.oneof(fc.constantFrom('segment', 'limit', 'cursor', 'consistent'), urlText),
  fc.oneof(fc.constantFrom('high', 'medium', '1', '100', '-1', 'true'), urlText, bytes),
);
const query = fc.array(parameter, { maxLength: 4 }).map((all) => all.map((pair) => pair.join('=')).join('&'));
const method = fc.oneof(
  { weight: 4, arbitrary: fc.constant('GET') },
  { weight: 1, arbitrary: fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS') },
);

test('whatever is asked, the answer keeps the document or is a problem of the caller, and never a fault', async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(method, path, query, urlText, async (verb, where, asked, body) => {
      const url = asked === '' ? where : `${where}?${asked}`;
      const answer = await askRaw(verb, url, verb === 'GET' && body.length % 2 === 0 ? '' : body);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const [bare = ''] = url.split('?');
      if (contract.knows(verb, bare) && answer.status !== 405) {
        expect(contract.violations(verb, bare, answer)).toEqual([]);
      } else expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      if (answer.status >= 400) {
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(JSON.parse(answer.body)).toMatchObject({
          status: answer.status,
          type: expect.stringMatching(/^urn:millrace:problem:/),
        });
      }
    }),
    { numRuns: 300 },
  );
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405]));
});

test('no log names anybody who was asked for', () => {
  const [api] = cloud.apis;
  const access = api?.accessLog().map((line) => line.text) ?? [];
  const written = [...cloud.functions.values()].flatMap((fn) => fn.logs().map((line) => line.text));
  expect(access.length).toBeGreaterThan(300);
  expect(access.some((line) => line.includes('GET /profiles/{id}'))).toBe(true);
  expect(written.some((line) => line.includes('request failed'))).toBe(true);
  const names = [ADA, GRACE, ERASED, ...BUYERS, 'damaged', 'nobody'].flatMap((name) => [
    name,
    encodeURIComponent(name),
  ]);
  for (const line of [...access, ...written]) expect(names.filter((name) => line.includes(name))).toEqual([]);
});
