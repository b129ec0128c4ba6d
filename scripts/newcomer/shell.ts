import { type ChildProcess, spawn } from 'node:child_process';

/** A command of the page that did not do what the page promises. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

export interface Shell {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Each block runs as a person would paste it: in a shell that stops at the first command that fails. */
const start = ({ directory, env }: Shell, code: string): ChildProcess =>
  // A group of its own, so that all of it can be ended.
  spawn('bash', ['-euo', 'pipefail', '-c', code], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });

/** As many characters of a command's output are kept to be shown. */
const KEPT = 4_000;

function collect(child: ChildProcess, heard: (output: string) => void): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      output = (output + text).slice(-KEPT);
      heard(output);
    });
  }
  return () => output;
}

/** @throws StepError with the end of its output if it fails. */
export function run(shell: Shell, code: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = start(shell, code);
    const output = collect(child, () => undefined);
    const abort = (): void => end(child);
    shell.signal.addEventListener('abort', abort);
    child.on('error', reject);
    child.on('close', (status, killedBy) => {
      shell.signal.removeEventListener('abort', abort);
      if (status === 0) resolve();
      else reject(new StepError(`ended with ${status ?? killedBy}:\n${output()}`));
    });
  });
}

/**
 * Starts what stays up.
 *
 * @returns what ends it, once it has printed `until`.
 * @throws StepError if it ends before.
 */
export function background(shell: Shell, code: string, until: string): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const child = start(shell, code);
    const closed = new Promise<void>((done) => child.on('close', () => done()));
    const stop = async (): Promise<void> => {
      end(child);
      await closed;
    };
    shell.signal.addEventListener('abort', () => end(child));
    const output = collect(child, (text) => {
      if (text.includes(until)) resolve(stop);
    });
    child.on('error', reject);
    child.on('close', (status) =>
      reject(new StepError(`ended with ${status} before it said "${until}":\n${output()}`)),
    );
  });
}

/** As Ctrl-C does: the signal goes to the whole group. */
function end({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGINT');
  } catch (error) {
    // It may have ended in between.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
