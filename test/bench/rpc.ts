import { type ChildProcess, fork } from 'node:child_process';
import type { MessagePort, Worker } from 'node:worker_threads';

/** Calls of methods in another process or thread. Both sides are this project's, so what they say is not checked. */
export interface Channel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly never[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

type Method = (...args: never[]) => unknown;

/** The methods of an object elsewhere, each answering later. */
export type Remote<T> = {
  readonly [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** Answers calls one after another, in the order in which they come. */
export function serve<T extends object>(channel: Channel, target: T): void {
  const methods = target as Readonly<Record<string, Method>>;
  const answer = async ({ id, method, args }: Call): Promise<Answer> => {
    try {
      return { id, result: await methods[method]?.(...args) };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  let last: Promise<void> = Promise.resolve();
  channel.onMessage((call) => {
    last = last.then(async () => channel.send(await answer(call as Call)));
  });
}

/** The other side of `serve`. Calls reject with what the method threw, or as `gone` does once the other side has ended. */
export function remote<T extends object>(channel: Channel, gone: Promise<never>): Remote<T> {
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  channel.onMessage((message) => {
    const { id, result, error } = message as Answer;
    const pending = open.get(id);
    open.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  });
  const call = (method: string, args: readonly unknown[]): Promise<unknown> => {
    const id = calls++;
    const pending = Promise.withResolvers<unknown>();
    open.set(id, pending);
    channel.send({ id, method, args });
    return Promise.race([pending.promise, gone]);
  };
  return new Proxy({} as Remote<T>, {
    // Whoever awaits a remote asks it for `then`, which is none of its methods.
    get: (_, name) => (name === 'then' ? undefined : (...args: unknown[]) => call(String(name), args)),
  });
}

export const threadChannel = (port: MessagePort | Worker): Channel => ({
  send: (message) => port.postMessage(message),
  onMessage: (listener) => port.on('message', listener),
});

/** The channel to the process that forked this one. This one ends with it, however it ends. */
export function parentChannel(): Channel {
  process.once('disconnect', () => process.exit());
  return {
    send: (message) => process.send?.(message),
    onMessage: (listener) => process.on('message', listener),
  };
}

const childChannel = (child: ChildProcess): Channel => ({
  send: (message) => child.send(message as object),
  onMessage: (listener) => child.on('message', listener),
});

export interface ChildOptions {
  /** What it is, for messages. */
  readonly name: string;
  readonly module: URL;
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
}

/** A process of this project that serves calls. Disposing of it kills it and waits for its end. */
export interface ServingChild<T> extends AsyncDisposable {
  readonly methods: Remote<T>;
}

/** Its standard output is dropped, as functions write logs there; what it writes to standard error is shown. */
export function forkServing<T extends object>({ name, module, env, execArgv = [] }: ChildOptions): ServingChild<T> {
  const child = fork(module, {
    env: { ...env },
    execArgv: ['--no-warnings', ...execArgv],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const ended = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<never>();
  // Nobody may be calling when it ends.
  gone.promise.catch(() => undefined);
  child.once('error', (cause) => gone.reject(new Error(`${name} could not be started`, { cause })));
  child.once('exit', (code, signal) => {
    gone.reject(new Error(`${name} ended by itself: ${signal ?? `status ${code}`}`));
    ended.resolve();
  });
  return {
    methods: remote<T>(childChannel(child), gone.promise),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended.promise;
    },
  };
}
