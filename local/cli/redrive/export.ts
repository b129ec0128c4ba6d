import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { CliError, reasonOf } from '../errors.ts';
import { valueIn } from './events.ts';
import type { Letter } from './message.ts';

/** A file of dead letters, for people to mend and for `--edit` to read. */
export interface ExportFile extends Disposable {
  readonly path: string;
  /** Letters in the file, and those that hold no event to mend: refused effects, and those whose payload is gone. */
  readonly count: { written: number; withoutEvent: number };
  /** @param payload undefined if it is not there any more. */
  add(letter: Letter, payload: Uint8Array | undefined): void;
}

/**
 * Readable by its owner alone, since events hold personal data. Disposed of without a letter in it, it is removed again.
 *
 * @throws CliError if it is there already, or cannot be made.
 */
export function exportFile(path: string): ExportFile {
  const file = open(path);
  const count = { written: 0, withoutEvent: 0 };
  return {
    path,
    count,
    add: ({ id, code, message }, payload) => {
      if (payload === undefined || code === 'effect.refused') {
        count.withoutEvent++;
        return;
      }
      const value = valueIn(payload);
      const content = value === undefined ? { payload: Buffer.from(payload).toString('base64') } : { event: value };
      writeSync(file, `${JSON.stringify({ letter: id, code, message, ...content })}\n`);
      count.written++;
    },
    [Symbol.dispose]: () => {
      closeSync(file);
      if (count.written === 0) rmSync(path);
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new CliError(`${path} is there already, and is not overwritten: name another file`, { cause });
    throw new CliError(`${path} cannot be written: ${reasonOf(cause)}`, { cause });
  }
}
