import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const ROOT = join(import.meta.dirname, '../../..');

/** Lines of the CLI's output that a failure shows: the last ones, and before them those that tell of failures. */
const TAIL_LINES = 20;
const TELLS_OF_FAILURE = /_FAILED|ROLLBACK|not supported|no resource type|unrecognized|error/i;

/** The CLI ended with an error. */
export class CdkError extends Error {
  override readonly name = 'CdkError';
  readonly #lines: readonly string[];

  constructor(command: string, code: number | null, lines: readonly string[]) {
    const shown = [
      ...lines.slice(0, -TAIL_LINES).filter((line) => TELLS_OF_FAILURE.test(line)),
      ...lines.slice(-TAIL_LINES),
    ];
    super(`cdk ${command} ended with ${code}:\n${shown.join('\n')}`);
    this.#lines = lines;
  }

  /** Resource types that lines about failures name. */
  get types(): readonly string[] {
    const lines = this.#lines.filter((line) => TELLS_OF_FAILURE.test(line));
    const types = lines.flatMap((line) => line.match(/AWS::\w+::\w+/g) ?? []);
    return [...new Set(types)].filter((type) => type !== 'AWS::CloudFormation::Stack');
  }
}

export interface CdkRun {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the CLI in order. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every line that it writes. */
  readonly line: (text: string) => void;
}

/** Runs the CDK CLI of this project. @throws CdkError, or the signal's reason. */
export async function runCdk({ args, environment, signal, line }: CdkRun): Promise<void> {
  const child = spawn(process.execPath, ['--no-warnings', 'node_modules/aws-cdk/bin/cdk', ...args, '--no-notices'], {
    cwd: ROOT,
    env: { ...environment, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C of the terminal reaches this process alone, which then ends the CLI in order.
    detached: true,
  });
  const end = (): void => void child.kill('SIGINT');
  signal?.addEventListener('abort', end);
  const lines: string[] = [];
  const read = async (stream: Readable): Promise<void> => {
    for await (const text of createInterface(stream)) {
      lines.push(text);
      line(text);
    }
  };
  try {
    const exited = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    });
    const [code] = await Promise.all([exited, read(child.stdout), read(child.stderr)]);
    signal?.throwIfAborted();
    if (code !== 0) throw new CdkError(args[0] ?? '', code, lines);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}
