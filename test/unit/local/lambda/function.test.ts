import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { FunctionDefinition } from '../../../../local/lambda/definition.ts';
import { LambdaFunction } from '../../../../local/lambda/function.ts';
import { until } from '../../../support/until.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-lambda-'));
const endpoints = {
  kinesis: 'http://127.0.0.1:1',
  dynamodb: 'http://127.0.0.1:2',
  sqs: 'http://127.0.0.1:3',
  sns: 'http://127.0.0.1:3',
  s3: 'http://127.0.0.1:3',
};

const started: LambdaFunction[] = [];
let count = 0;

afterEach(async () => {
  await Promise.all(started.splice(0).map((fn) => fn.stop()));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A function with this source, and the metrics that it has caused, as [name, value]. */
function fn(
  source: string,
  definition: Partial<FunctionDefinition> = {},
  options: { environments?: number; logFile?: string } = {},
) {
  const directory = join(root, String(count++));
  mkdirSync(directory);
  writeFileSync(join(directory, 'index.mjs'), source);
  const metrics: [string, number][] = [];
  const made = new LambdaFunction(
    {
      name: 'Fn',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:Fn',
      directory,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeoutSeconds: 10,
      memoryMb: 128,
      environment: {},
      logGroup: '/aws/lambda/Fn',
      logFormat: 'JSON',
      systemLogLevel: 'WARN',
      ...definition,
    },
    {
      endpoints,
      environments: 4,
      logLine: () => undefined,
      metric: (name, value) => metrics.push([name, value]),
      ...options,
    },
  );
  started.push(made);
  const texts = () => made.logs().map((line) => line.text);
  return { fn: made, metrics, texts };
}

const returned = (payload: unknown) => expect.objectContaining({ kind: 'returned', payload });
const failed = (message: RegExp) =>
  expect.objectContaining({ kind: 'failed', functionError: 'Unhandled', message: expect.stringMatching(message) });

describe('a function', () => {
  test('gets the event and answers with what its handler returns, as JSON', async () => {
    const echo = fn('export const handler = async (event) => ({ ...event, when: new Date(0), gone: undefined });');
    expect(await echo.fn.invoke({ a: [1, 'é'] })).toEqual(returned({ a: [1, 'é'], when: '1970-01-01T00:00:00.000Z' }));
  });

  test('answers null if its handler returns nothing', async () => {
    expect(await fn('export const handler = () => {};').fn.invoke({})).toEqual(returned(null));
  });

  test('gets the context that Lambda documents', async () => {
    const context = fn('export const handler = (_, c) => ({ ...c, left: c.getRemainingTimeInMillis() });', {
      timeoutSeconds: 7,
    });
    const result = await context.fn.invoke({});
    const { requestId, payload } = result as { requestId: string; payload: Record<string, unknown> };
    expect(payload).toMatchObject({
      functionName: 'Fn',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:Fn',
      memoryLimitInMB: '128',
      awsRequestId: requestId,
      logGroupName: '/aws/lambda/Fn',
    });
    expect(payload.left).toBeGreaterThan(0);
    expect(payload.left).toBeLessThanOrEqual(7000);
  });

  test("sees its own variables, Lambda's and the emulators, and nothing of the machine", async () => {
    process.env.OF_THE_MACHINE = 'secret';
    const env = fn('export const handler = () => process.env;', {
      environment: { STATE_TABLE: 'table', NODE_OPTIONS: '--enable-source-maps' },
    });
    const { payload } = (await env.fn.invoke({})) as { payload: Record<string, string> };
    delete process.env.OF_THE_MACHINE;
    expect(payload).toMatchObject({
      STATE_TABLE: 'table',
      NODE_OPTIONS: '--enable-source-maps',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'Fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
    });
    expect(payload).not.toHaveProperty('OF_THE_MACHINE');
    expect(payload).not.toHaveProperty('_X_AMZN_TRACE_ID');
  });

  test('keeps its environment and module state between events', async () => {
    const counter = fn('let n = 0; export const handler = () => ++n;');
    for (const n of [1, 2, 3]) expect(await counter.fn.invoke({})).toEqual(returned(n));
    expect(counter.fn.coldStarts).toBe(1);
  });

  test('can be CommonJS', async () => {
    const common = fn('');
    writeFileSync(join(common.fn.definition.directory, 'main.cjs'), 'exports.run = () => "common";');
    const { directory } = common.fn.definition;
    const made = fn('', { directory, handler: 'main.run' });
    expect(await made.fn.invoke({})).toEqual(returned('common'));
  });
});

describe('failures', () => {
  test('what the handler throws fails the event, and the environment stays', async () => {
    const picky = fn(
      'let n = 0; export const handler = (e) => { n++; if (e.bad) throw new RangeError("too bad"); return n; };',
    );
    expect(await picky.fn.invoke({ bad: true })).toEqual(failed(/^RangeError: too bad\n.*index\.mjs/s));
    expect(await picky.fn.invoke({})).toEqual(returned(2));
    expect(picky.metrics.filter(([name]) => name === 'Errors')).toEqual([
      ['Errors', 1],
      ['Errors', 0],
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['exit', 'process.exit(1)', /^Runtime\.ExitError: Runtime exited with error: exit status 1$/],
    ['a quiet exit', 'process.exit(0)', /^Runtime\.ExitError: Runtime exited without providing a reason$/],
    [
      'an unhandled rejection',
      'Promise.reject(new Error("left alone")); await new Promise(() => {})',
      /^Runtime\.UnhandledError: .*left alone/,
    ],
    [
      'an uncaught error',
      'setTimeout(() => { throw new TypeError("late") }); await new Promise(() => {})',
      /^Runtime\.UnhandledError: .*late/,
    ],
    [
      'too much memory',
      'const hoard = []; for (;;) hoard.push(new Array(1e5).fill({}))',
      /^Runtime\.OutOfMemory: .*128 MB/,
    ],
  ])('%s kills the environment, and the next event gets a fresh one', async (_, statement, message) => {
    const fragile = fn(
      `let n = 0; export const handler = async (e) => { n++; if (e.bad) { ${statement}; } return n; };`,
    );
    expect(await fragile.fn.invoke({ bad: true })).toEqual(failed(message));
    expect(await fragile.fn.invoke({})).toEqual(returned(1));
    expect(fragile.fn.coldStarts).toBe(2);
  });

  test('an environment that dies between events is not used again', async () => {
    const late = fn(
      'let n = 0; export const handler = () => { setImmediate(() => { throw new Error("late"); }); return ++n; };',
    );
    expect(await late.fn.invoke({})).toEqual(returned(1));
    await until(() => late.texts().join().includes('late'));
    expect(await late.fn.invoke({})).toEqual(returned(1));
  });

  test('an endless loop is killed at the time-out, and what it wrote before is kept', async () => {
    const loop = fn('export const handler = () => { console.log("spinning"); for (;;); };', { timeoutSeconds: 0.2 });
    expect(await loop.fn.invoke({})).toEqual(failed(/^Task timed out after 0\.20 seconds$/));
    expect(loop.texts()).toContain('spinning');
  });

  test('a handler that never answers is killed at the time-out', async () => {
    const silent = fn('export const handler = () => new Promise(() => {});', { timeoutSeconds: 0.2 });
    expect(await silent.fn.invoke({})).toEqual(failed(/^Task timed out/));
  });

  test.each<[string, string, Partial<FunctionDefinition>, RegExp]>([
    [
      'a module that throws',
      'throw new Error("STATE_TABLE is not set")',
      {},
      /^Runtime\.InitError: Error: STATE_TABLE is not set$/,
    ],
    [
      'a module without the handler',
      'export const other = 1',
      {},
      /^Runtime\.InitError: .*exports no function handler/,
    ],
    ['a module that does not parse', 'export const = 1', {}, /^Runtime\.InitError: SyntaxError/],
    [
      'a module that is not there',
      '',
      { handler: 'missing.handler' },
      /^Runtime\.InitError: .*there is no missing\.mjs/,
    ],
  ])('%s fails every event with the reason', async (_, source, definition, message) => {
    const broken = fn(source, definition);
    expect(await broken.fn.invoke({})).toEqual(failed(message));
    expect(await broken.fn.invoke({})).toEqual(failed(message));
    expect(broken.fn.coldStarts).toBe(2);
  });

  test('an answer over 6 MB fails', async () => {
    const verbose = fn('export const handler = () => "x".repeat(6 * 1024 * 1024);');
    expect(await verbose.fn.invoke({})).toEqual(failed(/^Function\.ResponseSizeTooLarge/));
  });

  test('an event over 6 MB is refused before anything runs', async () => {
    const echo = fn('export const handler = () => 1;');
    await expect(echo.fn.invoke('x'.repeat(6 * 1024 * 1024))).rejects.toThrow(/Fn: an event of \d+ bytes is over/);
    expect(echo.fn.coldStarts).toBe(0);
  });
});

/** Handlers that wait until the test lets them go: they poll a file that the test writes. */
const gate = () => {
  const file = join(root, `gate-${count++}`);
  const source = `
    import { existsSync } from 'node:fs';
    export const handler = async () => {
      console.log('begun');
      while (!existsSync(${JSON.stringify(file)})) await new Promise((resolve) => setImmediate(resolve));
      return 'through';
    };`;
  return { source, open: () => writeFileSync(file, '') };
};

/** Until so many events have begun. */
const begun = ({ texts }: ReturnType<typeof fn>, events = 1) =>
  until(() => texts().filter((text) => text === 'begun').length >= events);

describe('concurrency', () => {
  test('events at the same time run in environments of their own', async () => {
    const { source, open } = gate();
    const parallel = fn(source);
    const results = [1, 2, 3].map(() => parallel.fn.invoke({}));
    open();
    expect(await Promise.all(results)).toEqual([returned('through'), returned('through'), returned('through')]);
    expect(parallel.fn.coldStarts).toBe(3);
  });

  test('what the machine has no environment for waits', async () => {
    const { source, open } = gate();
    const narrow = fn(source, {}, { environments: 2 });
    const results = [1, 2, 3, 4, 5].map(() => narrow.fn.invoke({}));
    expect(narrow.fn.inFlight).toBe(5);
    open();
    expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual(Array(5).fill('returned'));
    expect(narrow.fn.coldStarts).toBe(2);
  });

  test('what is beyond the reserved concurrency is throttled at once', async () => {
    const { source, open } = gate();
    const reserved = fn(source, { reservedConcurrency: 1 });
    const first = reserved.fn.invoke({});
    expect(await reserved.fn.invoke({})).toEqual({ kind: 'throttled' });
    open();
    expect(await first).toEqual(returned('through'));
    expect(await reserved.fn.invoke({})).toEqual(returned('through'));
    expect(reserved.metrics.filter(([name]) => name === 'Throttles')).toHaveLength(1);
  });

  test('an environment that is killed from outside fails its event', async () => {
    const { source, open } = gate();
    const victim = fn(source);
    const result = victim.fn.invoke({});
    await begun(victim);
    expect(victim.fn.kill()).toBe(true);
    expect(await result).toEqual(failed(/^Runtime\.ExitError: .*signal: killed/));
    open();
    expect(await victim.fn.invoke({})).toEqual(returned('through'));
  });

  test('nothing is killed where nothing runs', () => {
    expect(fn('').fn.kill()).toBe(false);
  });

  test('an aborted event ends: running ones fail, waiting ones are throttled', async () => {
    const narrow = fn(gate().source, {}, { environments: 1 });
    const abort = new AbortController();
    const results = [narrow.fn.invoke({}, abort.signal), narrow.fn.invoke({}, abort.signal)];
    await begun(narrow);
    abort.abort();
    expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual(['failed', 'throttled']);
  });

  test('stopping fails what runs, throttles what waits and what comes later', async () => {
    const narrow = fn(gate().source, {}, { environments: 1 });
    const results = [narrow.fn.invoke({}), narrow.fn.invoke({})];
    await begun(narrow);
    await narrow.fn.stop();
    expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual(['failed', 'throttled']);
    expect(await narrow.fn.invoke({})).toEqual({ kind: 'throttled' });
  });
});

describe('logs', () => {
  test('have all that an event wrote by the time that it is answered, from standard output and standard error', async () => {
    const chatty = fn(`
      import { Console } from 'node:console';
      const own = new Console({ stdout: process.stdout, stderr: process.stderr });
      export const handler = () => { console.log('out'); console.error('err'); own.log('own'); process.stdout.write('half '); process.stdout.write('line\\n'); };`);
    await chatty.fn.invoke({});
    expect(chatty.texts()).toEqual(['out', 'err', 'own', 'half line']);
  });

  test('have what a function writes as it closes standard output, and the machine does not', async () => {
    const written: unknown[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(text) > 0);
    const closing = fn('export const handler = () => void process.stdout.end("the end\\n");');
    await closing.fn.invoke({});
    await until(() => closing.texts().includes('the end'));
    write.mockRestore();
    expect(written).toEqual([]);
  });

  test('hold the reason of a failure', async () => {
    const broken = fn('export const handler = () => { throw new Error("for the log"); };');
    await broken.fn.invoke({});
    expect(broken.texts().join('\n')).toContain('for the log');
  });

  test("tell what a handler threw and how its invocation ended, in Lambda's JSON", async () => {
    const broken = fn("export const handler = () => { throw new TypeError('no price'); };");
    const { requestId } = (await broken.fn.invoke({})) as { requestId: string };
    const [error, report] = broken.texts().map((text) => JSON.parse(text));
    expect(error).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'ERROR',
      requestId,
      message: {
        errorType: 'TypeError',
        errorMessage: 'no price',
        stackTrace: expect.arrayContaining(['TypeError: no price']),
      },
    });
    expect(report).toMatchObject({
      type: 'platform.report',
      record: { requestId, status: 'error', errorType: 'TypeError', metrics: { memorySizeMB: 128 } },
    });
  });

  test('tell of a time-out by a report alone, and of an environment that died by why', async () => {
    const slow = fn('export const handler = () => new Promise(() => undefined);', { timeoutSeconds: 1 });
    await slow.fn.invoke({});
    expect(slow.texts().map((text) => JSON.parse(text).record.status)).toEqual(['timeout']);
    const gone = fn('export const handler = () => process.exit(3);');
    await gone.fn.invoke({});
    expect(gone.fn.lastFailure).toBe('Runtime.ExitError: Runtime exited with error: exit status 3');
    expect(JSON.parse(gone.texts()[0] ?? '').record).toMatchObject({
      status: 'error',
      errorType: 'Runtime.ExitError',
      errorMessage: 'Runtime exited with error: exit status 3',
    });
  });

  test('tell of success at the system log level INFO, which is the default', async () => {
    for (const systemLogLevel of ['INFO', undefined]) {
      const good = fn('export const handler = () => 1;', { systemLogLevel } as Partial<FunctionDefinition>);
      await good.fn.invoke({});
      expect(good.texts().map((text) => JSON.parse(text).record.status)).toEqual(['success']);
    }
  });

  test('are plain in the text format', async () => {
    const broken = fn("export const handler = () => { throw new TypeError('no price'); };", { logFormat: 'Text' });
    await broken.fn.invoke({});
    expect(broken.texts()[0]).toMatch(/^\d{4}-\S+Z [0-9a-f-]{36} TypeError: no price$/);
  });

  test('name the stream of the environment that wrote, in the order of writing', async () => {
    const chatty = fn('export const handler = (_, c) => console.log(c.logStreamName);');
    await chatty.fn.invoke({});
    chatty.fn.kill();
    await chatty.fn.invoke({});
    const lines = chatty.fn.logs();
    expect(lines.map(({ text, logStream }) => text === logStream)).toEqual([true, true]);
    expect(new Set(lines.map(({ logStream }) => logStream)).size).toBe(2);
    expect(lines[1]?.id).toBeGreaterThan(Number(lines[0]?.id));
  });

  test('are written to a file, too', async () => {
    const logFile = join(root, 'logs', 'Fn.log');
    const chatty = fn('export const handler = () => console.log("kept");', {}, { logFile });
    await chatty.fn.invoke({});
    await chatty.fn.stop();
    expect(readFileSync(logFile, 'utf8')).toBe('kept\n');
  });
});
