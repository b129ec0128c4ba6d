import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudClock } from '../../../../local/clock.ts';
import { systemClock } from '../../../../local/esm/ports.ts';
import { LambdaFunction } from '../../../../local/lambda/function.ts';
import { SettableClock } from '../../../support/settable-clock.ts';
import { until } from '../../../support/until.ts';

const CODE = `
  const { now } = Date;
  const loadedMs = Date.now();
  export const handler = async ({ hang }, context) => {
    if (hang) { console.log('hanging'); return new Promise(() => undefined); }
    return {
      now: Date.now(),
      kept: now(),
      made: new Date().getTime(),
      called: Date.parse(Date()),
      given: new Date('2026-01-01T00:00:00Z').toISOString(),
      utc: Date.UTC(2026, 0),
      isDate: new Date() instanceof Date,
      remainingMs: context.getRemainingTimeInMillis(),
      loadedMs,
      untouched: Date.prototype.constructor === Date,
    };
  };`;
const DAY_MS = 86_400_000;
const url = 'http://127.0.0.1:1';
const directory = mkdtempSync(join(tmpdir(), 'millrace-cloud-time-'));
writeFileSync(join(directory, 'index.mjs'), CODE);
afterAll(() => rmSync(directory, { recursive: true }));

const durations: number[] = [];
let fn: LambdaFunction;
afterEach(() => fn.stop());

function functionBy(clock: CloudClock): LambdaFunction {
  const definition = {
    name: 'Fn',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:Fn',
    directory,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    timeoutSeconds: 600,
    memoryMb: 128,
    environment: {},
    logGroup: '/aws/lambda/Fn',
    logFormat: 'JSON',
  } as const;
  fn = new LambdaFunction(definition, {
    endpoints: { kinesis: url, dynamodb: url, sqs: url, sns: url, s3: url },
    environments: 2,
    logLine: () => undefined,
    metric: (name, value) => void (name === 'Duration' && durations.push(value)),
    clock,
  });
  return fn;
}

async function times() {
  const result = await fn.invoke({});
  if (result.kind !== 'returned') throw new Error(JSON.stringify(result));
  return result.payload as Readonly<Record<string, number>>;
}

/** Days, rounded, between the clock and what the function saw. */
const daysOff = (clock: CloudClock, ms: number | undefined) => Math.round((clock.now() - Number(ms)) / DAY_MS);

describe('a function in a cloud whose clock was set ahead', () => {
  test('sees that time, however it asks, from one event to the next', async () => {
    const clock = new SettableClock();
    functionBy(clock);
    await clock.advance(DAY_MS);
    const first = await times();
    expect(['now', 'kept', 'made', 'called', 'loadedMs'].map((one) => daysOff(clock, first[one]))).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(first).toMatchObject({ given: '2026-01-01T00:00:00.000Z', utc: Date.UTC(2026, 0), isDate: true });
    await clock.advance(10 * DAY_MS);
    const second = await times();
    expect(['now', 'kept', 'made', 'called'].map((one) => daysOff(clock, second[one]))).toEqual([0, 0, 0, 0]);
    expect(fn.coldStarts).toBe(1);
  });

  test('has all its time left as it begins, and runs out of it by that clock', async () => {
    const clock = new SettableClock();
    functionBy(clock);
    await clock.advance(DAY_MS);
    const { remainingMs } = await times();
    expect(remainingMs).toBeGreaterThan(500_000);
    expect(remainingMs).toBeLessThanOrEqual(600_000);
    durations.length = 0;
    const hanging = fn.invoke({ hang: true });
    await until(() => fn.logs().some(({ text }) => text.includes('hanging')));
    await clock.advance(600_000);
    expect(await hanging).toMatchObject({ kind: 'failed', message: 'Task timed out after 600.00 seconds' });
    expect(durations[0]).toBeGreaterThanOrEqual(600_000);
  });
});

test('by the machine’s clock a function has the Date that every function has', async () => {
  functionBy(systemClock());
  expect(await times()).toMatchObject({ untouched: true });
});
