import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CdkError, runCdk } from './cdk-cli.ts';
import type { Clients } from './clients.ts';
import type { Deployment, Settings } from './deployment.ts';
import { findStack } from './stage.ts';
import { environmentOf, nameOf, type Target } from './target.ts';

/** The stack that `cdk bootstrap` makes. */
const TOOLKIT = 'CDKToolkit';

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
    try {
      if ((await findStack(clients, TOOLKIT)) === undefined) await this.#run(['bootstrap'], signal);
      await this.#run(['deploy', '--all', '--require-approval', 'never'], signal);
    } catch (cause) {
      if (!(cause instanceof CdkError)) throw cause;
      const { types, message } = cause;
      const hint = `\nIt concerns ${types.join(', ')}. What an endpoint lacks is left out with -c leaveOut=…: see docs/e2e.md.`;
      throw new Error(`${nameOf(target)}: ${message}${types.length > 0 ? hint : ''}`, { cause });
    }
  }

  async destroy(): Promise<void> {
    await this.#run(['destroy', '--all', '--force']);
  }

  [Symbol.dispose](): void {
    rmSync(this.#out, { recursive: true, force: true });
  }

  async #run(command: readonly string[], signal?: AbortSignal): Promise<void> {
    const { target, line } = this.#options;
    const context = Object.entries({ stage: target.stage, ...this.#settings });
    const flags = context.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const args = [...command, '--output', this.#out, ...flags];
    await runCdk({ args, environment: environmentOf(target), signal, line });
  }
}
