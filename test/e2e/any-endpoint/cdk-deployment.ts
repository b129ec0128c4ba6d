import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Clients } from './clients.ts';
import type { Deployment, Settings } from './deployment.ts';
import { findStack } from './stage.ts';
import { environmentOf, nameOf, type Target } from './target.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** The stack that `cdk bootstrap` makes. */
const TOOLKIT = 'CDKToolkit';

/** Lines of the CLI's output that a failure shows. */
const TAIL_LINES = 40;

export interface CdkOptions {
  readonly target: Target;
  readonly clients: Clients;
  /** Ends a deployment under way. A stage is destroyed in any case. */
  readonly signal: AbortSignal;
  /** Told of every line that the CLI writes. */
  readonly line: (text: string) => void;
}

/** Deploys by the plain CDK CLI of this project, which bootstraps the target if nobody has. */
export class CdkDeployment implements Deployment, Disposable {
  readonly #options: CdkOptions;
  readonly #out = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
  #settings: Settings = {};

  constructor(options: CdkOptions) {
    this.#options = options;
  }

  async deploy(settings: Settings): Promise<void> {
    const { target, clients, signal } = this.#options;
    this.#settings = settings;
    if ((await findStack(clients, TOOLKIT)) === undefined) await this.#run(['bootstrap'], signal);
    await this.#run(['deploy', '--all', '--require-approval', 'never'], signal).catch((cause: Error) => {
      const types = [...new Set(cause.message.match(/AWS::\w+::\w+/g) ?? [])].join(', ');
      const hint =
        types === ''
          ? ''
          : `\nIt concerns: ${types}. What ${nameOf(target)} lacks can be left out with -c leaveOut=…, see docs/e2e.md.`;
      throw new Error(`${nameOf(target)} refused the deployment:\n${cause.message}${hint}`, { cause });
    });
  }

  async destroy(): Promise<void> {
    await this.#run(['destroy', '--all', '--force']);
  }

  [Symbol.dispose](): void {
    rmSync(this.#out, { recursive: true, force: true });
  }

  async #run(command: readonly string[], signal?: AbortSignal): Promise<void> {
    const context = { stage: this.#options.target.stage, ...this.#settings };
    const flags = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const args = [
      '--no-warnings',
      'node_modules/aws-cdk/bin/cdk',
      ...command,
      '--no-notices',
      '--output',
      this.#out,
      ...flags,
    ];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...environmentOf(this.#options.target), CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C of the terminal reaches this process alone, which then ends the CLI in order.
      detached: true,
    });
    const end = (): void => void child.kill('SIGINT');
    signal?.addEventListener('abort', end);
    const tail: string[] = [];
    const read = (stream: Readable): Promise<void> => this.#read(stream, tail);
    try {
      const exited = new Promise<number | null>((resolve, reject) => {
        child.on('error', reject);
        child.on('exit', resolve);
      });
      const [code] = await Promise.all([exited, read(child.stdout), read(child.stderr)]);
      signal?.throwIfAborted();
      if (code !== 0)
        throw new Error(`cdk ${command.join(' ')} ended with ${code}:\n${tail.slice(-TAIL_LINES).join('\n')}`);
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  async #read(stream: Readable, tail: string[]): Promise<void> {
    for await (const line of createInterface(stream)) {
      tail.push(line);
      this.#options.line(line);
    }
  }
}
