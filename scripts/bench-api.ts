/**
 * Asks the REST API of a local cloud, bundled and deployed from the templates, 200 times a second for some seconds, and prints how long
 * answers take. Requests leave when they are due, whether earlier ones are answered or not, and latency counts from then on: a slow answer
 * does not hide behind the requests that it holds up. Everything, the load included, shares this machine and its loopback.
 */

import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { dataSchemaOf } from '../lambdas/core/event.ts';
import { STATEFUL_OUTPUTS, STATELESS_OUTPUTS, statefulStackName, statelessStackName } from '../lib/stacks/outputs.ts';
import { signedHeaders } from '../local/cli/api/ask.ts';
import { table } from '../local/cli/format.ts';
import { type Cloud, startCloud } from '../local/cloud.ts';
import { REGION } from '../local/emulators/emulators.ts';
import { synthesize } from '../local/synth.ts';

const RATE = 200;
const SECONDS = 10;
const WARM_UP_SECONDS = 3;
const USERS = 1_000;
const MOST_PENDING = 2_000;

type Kind = 'profile' | 'profile, 304' | 'list of 20';

interface Sample {
  readonly kind: Kind;
  readonly ms: number;
  readonly ok: boolean;
}

const user = (n: number): string => `user-${n % USERS}`;

/** Of ten requests eight ask for a profile, one for a profile that the caller has, and one for a list. */
const kindOf = (n: number): Kind => (n % 10 === 9 ? 'list of 20' : n % 10 === 4 ? 'profile, 304' : 'profile');

async function fill(cloud: Cloud): Promise<void> {
  const StreamName = cloud.output(statefulStackName('local'), STATEFUL_OUTPUTS.streamName('shop'));
  for (let from = 0; from < USERS; from += 500) {
    const Records = Array.from({ length: 500 }, (_, n) => {
      const subject = user(from + n);
      const event = {
        specversion: '1.0',
        id: `bench-${from + n}`,
        source: 'urn:millrace:bench',
        type: 'order.purchased',
        time: new Date(Date.UTC(2026, 0, 1) + (from + n) * 1_000).toISOString(),
        subject,
        dataschema: dataSchemaOf('order.purchased', 1),
        data: {
          orderId: `o-${from + n}`,
          currency: 'EUR',
          total: 6_000,
          lines: Array.from({ length: 5 }, (_, line) => ({ productId: `p-${line}`, quantity: 1, unitPrice: 1_200 })),
        },
      };
      return { PartitionKey: subject, Data: Buffer.from(JSON.stringify(event)) };
    });
    await cloud.clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  }
  await cloud.untilDrained(AbortSignal.timeout(120_000));
}

interface Prepared {
  readonly kind: Kind;
  readonly path: string;
  readonly headers: Record<string, string>;
}

/** Requests are signed beforehand: signing is the caller's work, and would take the processor from the API here. */
async function prepare(endpoint: string): Promise<readonly Prepared[]> {
  const caller = { endpoint, region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return Promise.all(
    Array.from({ length: USERS }, async (_, n) => {
      const kind = kindOf(n);
      const path = kind === 'list of 20' ? '/profiles?segment=medium&limit=20' : `/profiles/${user(n * 7)}`;
      // `*` matches whatever there is.
      const headers = kind === 'profile, 304' ? { 'if-none-match': '*' } : {};
      return { kind, path, headers: await signedHeaders(caller, path, headers) };
    }),
  );
}

/** Sends `RATE` requests a second and resolves once all are answered. */
async function load(endpoint: string, requests: readonly Prepared[], seconds: number): Promise<readonly Sample[]> {
  const agent = new Agent({ keepAlive: true });
  const samples: Sample[] = [];
  const pending = new Set<Promise<void>>();
  const startMs = performance.now();
  for (let n = 0; n < RATE * seconds; n++) {
    const dueMs = startMs + (n / RATE) * 1_000;
    if (dueMs > performance.now()) await delay(dueMs - performance.now());
    if (pending.size >= MOST_PENDING) {
      throw new Error(`${MOST_PENDING} requests are unanswered: this machine is too busy for the rate`);
    }
    const request = requests[n % requests.length] as Prepared;
    const expected = request.kind === 'profile, 304' ? 304 : 200;
    const sent = send(endpoint, request, agent).then((status) => {
      samples.push({ kind: request.kind, ms: performance.now() - dueMs, ok: status === expected });
      pending.delete(sent);
    });
    pending.add(sent);
  }
  await Promise.all(pending);
  agent.destroy();
  return samples;
}

/** @returns the status, once the answer is there as a whole. */
const send = (endpoint: string, { path, headers }: Prepared, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = get(endpoint + path, { headers, agent }, (response) => {
      response.on('end', () => resolve(response.statusCode ?? 0)).on('error', reject);
      response.resume();
    });
    request.on('error', reject);
  });

function report(samples: readonly Sample[], seconds: number): string {
  const rows = (['profile', 'profile, 304', 'list of 20', 'all'] as const).map((kind) => {
    const of = samples.filter((sample) => kind === 'all' || sample.kind === kind);
    const sorted = of.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const percentile = (percent: number): string =>
      (sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN).toFixed(1);
    return [
      kind,
      String(of.length),
      String(of.filter(({ ok }) => !ok).length),
      percentile(50),
      percentile(99),
      percentile(100),
    ];
  });
  return [
    `${RATE} requests/s for ${seconds} s, ${USERS} profiles, ${(samples.length / seconds).toFixed(0)} answers/s`,
    table(['request', 'answers', 'wrong', 'p50 ms', 'p99 ms', 'most ms'], rows),
  ].join('\n');
}

console.error('Synthesizing and starting the local cloud …');
using synthesis = await synthesize({
  context: { batchingWindowSeconds: 0, apiRequestsPerSecond: 10_000, apiBurst: 5_000 },
});
await using cloud = await startCloud({ assemblyDir: synthesis.directory });
await fill(cloud);
const endpoint = cloud.output(statelessStackName('local'), STATELESS_OUTPUTS.apiEndpoint);
const requests = await prepare(endpoint);
await load(endpoint, requests, WARM_UP_SECONDS);
const samples = await load(endpoint, requests, SECONDS);
console.log(report(samples, SECONDS));
if (samples.some(({ ok }) => !ok)) process.exitCode = 1;
