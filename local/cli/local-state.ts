import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError } from './errors.ts';

/** Names another place for the file, for a second local cloud beside the first. */
export const LOCAL_STATE_ENV = 'MILLRACE_LOCAL_STATE';

const schema = z.object({
  /** The process that the cloud runs in. */
  pid: z.int().positive(),
  region: z.string(),
  endpoints: z.object({
    kinesis: z.string(),
    dynamodb: z.string(),
    sqs: z.string(),
    sns: z.string(),
    s3: z.string(),
    /** Absent where only the emulators are up, as the next one. */
    lambda: z.string().optional(),
    cloudwatch: z.string().optional(),
    logs: z.string().optional(),
  }),
  /** Outputs by stack and key. */
  stacks: z.record(z.string(), z.record(z.string(), z.string())),
});

/** A local cloud that stays up, as other commands find it. */
export type LocalState = Readonly<z.output<typeof schema>>;

/** `.millrace/local.json` in the project, unless MILLRACE_LOCAL_STATE names another file. */
export const localStateFile = (): string =>
  process.env[LOCAL_STATE_ENV] || join(import.meta.dirname, '../../.millrace/local.json');

const START = 'start one with: npm start -- --watch';

/**
 * The local cloud that is up.
 *
 * @throws CliError if there is none, its process is gone, or the file is damaged.
 */
export function readLocalState(file = localStateFile()): LocalState {
  const state = stateIn(file);
  if (state === undefined) throw new CliError(`No local cloud is up; ${START}`);
  if (!isAlive(state.pid)) {
    throw new CliError(`The local cloud of process ${state.pid} is gone without having removed ${file}; ${START}`);
  }
  return state;
}

/** @throws CliError if a local cloud is up already. */
export function refuseSecond(file = localStateFile()): void {
  const state = stateIn(file);
  if (state === undefined || !isAlive(state.pid)) return;
  throw new CliError(
    `A local cloud is up already, in process ${state.pid}: stop it first, or set ${LOCAL_STATE_ENV} to another file than ${file}`,
  );
}

/** Publishes a local cloud until it is disposed of. Replaces what a process that is gone has left. @throws CliError as refuseSecond. */
export function publishLocalState(state: LocalState, file = localStateFile()): Disposable {
  refuseSecond(file);
  rmSync(file, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(state, undefined, 2)}\n`, { flag: 'wx' });
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function stateIn(file: string): LocalState | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CliError(`${file} does not describe a local cloud; delete it, then ${START}`, { cause });
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Signal 0 asks without doing anything; EPERM says that somebody else's process has the number. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
