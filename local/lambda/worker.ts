/** The thread of an execution environment: loads the bundled function once and runs its handler, one event at a time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { followCloudTime } from './cloud-time.ts';
import type { InvokeMessage, ThrownError, WorkerData, WorkerMessage } from './protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

const data = workerData as WorkerData;
if (!parentPort) throw new Error('worker.ts runs as a worker thread of the local cloud only');
const port = parentPort;
const send = (message: WorkerMessage): void => port.postMessage(message);

const cloudTime = data.aheadMs === undefined ? undefined : followCloudTime(data.aheadMs);
captureOutput(process.stdout);
captureOutput(process.stderr);
try {
  const handler = await loadHandler();
  // One at a time, as Lambda does; the pool never sends a second event before the first is answered.
  port.on('message', (message: InvokeMessage) => void run(handler, message));
  send({ kind: 'ready' });
} catch (error) {
  send({ kind: 'init-failed', error: describe(error) });
}

async function loadHandler(): Promise<Handler> {
  const [module = '', name = ''] = data.handler.split('.');
  const file = ['.mjs', '.js', '.cjs'].map((suffix) => join(data.directory, module + suffix)).find(existsSync);
  if (!file) throw new Error(`${data.handler}: there is no ${module}.mjs, .js or .cjs in ${data.directory}`);
  const exports: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
  const handler = exports[name];
  if (typeof handler !== 'function') throw new Error(`${data.handler}: ${file} exports no function ${name}`);
  return handler as Handler;
}

async function run(handler: Handler, { requestId, event, deadlineMs, aheadMs }: InvokeMessage): Promise<void> {
  cloudTime?.setAhead(aheadMs);
  try {
    const result = await handler(JSON.parse(event), contextOf(requestId, deadlineMs));
    send({ kind: 'returned', requestId, payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    send({ kind: 'threw', requestId, error: describe(error) });
  }
}

/** Context as Lambda documents it for Node.js; there is no client, identity or callback behind an event source mapping. */
function contextOf(requestId: string, deadlineMs: number): object {
  return {
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: requestId,
    logGroupName: data.logGroup,
    logStreamName: data.logStream,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

/**
 * Sends what is written by the port that carries results, so that every line of an invocation arrives before its
 * result does, and what was written before a crash arrives at all.
 */
function captureOutput(stream: NodeJS.WriteStream): void {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    send({ kind: 'log', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const callback = rest.find((argument) => typeof argument === 'function');
    if (callback) queueMicrotask(() => callback());
    return true;
  };
}

function describe(error: unknown): ThrownError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
