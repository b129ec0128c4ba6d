import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface SynthOptions {
  /** Context as `cdk -c key=value` gives it, above that of cdk.json: settings of the stage such as `{ shards: 4 }`. */
  readonly context?: Readonly<Record<string, string | number | boolean>>;
  /** Where the assembly goes. Default: a temporary directory. */
  readonly outDir?: string;
  /** Kills the synth. */
  readonly signal?: AbortSignal;
}

/** A cloud assembly on disk. Disposing of it removes a temporary directory, and leaves a given one. */
export interface Synthesis extends Disposable {
  readonly directory: string;
}

/** The app could not be synthesized. The message is what it wrote to standard error. */
export class SynthError extends Error {
  override readonly name = 'SynthError';
}

const PROJECT_ROOT = join(import.meta.dirname, '..');

/**
 * Synthesizes the CDK app for stage `local` in a process of its own, with the context that the CDK CLI would pass. The
 * CLI itself is not started, which saves some seconds.
 *
 * @throws SynthError with what the app wrote, or with the errors that its constructs reported.
 */
export async function synthesize({ context = {}, outDir, signal }: SynthOptions = {}): Promise<Synthesis> {
  const directory = outDir ?? mkdtempSync(join(tmpdir(), 'millrace-cdk.out-'));
  const dispose = (): void => {
    if (outDir === undefined) rmSync(directory, { recursive: true, force: true });
  };
  try {
    await runApp(directory, { ...cdkContext(), stage: 'local', ...context }, signal);
    refuseErrors(directory);
  } catch (error) {
    dispose();
    throw error;
  }
  return { directory, [Symbol.dispose]: dispose };
}

async function runApp(directory: string, context: object, signal: AbortSignal | undefined): Promise<void> {
  const app = spawn(process.execPath, ['--no-warnings', 'bin/app.ts'], {
    cwd: PROJECT_ROOT,
    env: { ...appEnvironment(), CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    app.on('error', reject);
    app.on('close', resolve);
  });
  const [code, errors] = await Promise.all([ended, text(app.stderr)]);
  if (code !== 0) throw new SynthError(errors.trim() || `the CDK app ended with status ${code}`);
}

/** What belongs to this process or to an AWS account must not change what is synthesized for this machine. */
function appEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _1, CDK_DEFAULT_ACCOUNT: _2, CDK_DEFAULT_REGION: _3, ...env } = process.env;
  return env;
}

/** The context of cdk.json, in which the feature flags are, and what look-ups have left in cdk.context.json. */
function cdkContext(): object {
  const settings: { context?: object } = readJson(join(PROJECT_ROOT, 'cdk.json'));
  const lookups = join(PROJECT_ROOT, 'cdk.context.json');
  return { ...settings.context, ...(existsSync(lookups) ? readJson<object>(lookups) : {}) };
}

interface MetadataEntry {
  readonly type: string;
  readonly data?: unknown;
}

/** Constructs report errors as metadata of their stack, for the CLI to fail on. */
function refuseErrors(directory: string): void {
  const { artifacts = {} }: Manifest = readJson(join(directory, 'manifest.json'));
  const errors = Object.values(artifacts).flatMap(({ metadata = {}, additionalMetadataFile: file }) => {
    const additional: Metadata = file ? readJson(join(directory, file)) : {};
    return Object.entries({ ...metadata, ...additional }).flatMap(([path, entries]) =>
      entries.filter(({ type }) => type === 'aws:cdk:error').map(({ data }) => `${path}: ${String(data)}`),
    );
  });
  if (errors.length > 0) throw new SynthError(errors.join('\n'));
}

type Metadata = Readonly<Record<string, readonly MetadataEntry[]>>;

interface Manifest {
  readonly artifacts?: Readonly<
    Record<string, { readonly metadata?: Metadata; readonly additionalMetadataFile?: string }>
  >;
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
