import { closeSync, openSync, writeSync } from 'node:fs';
import { CliError, reasonOf } from '../errors.ts';
import { valueIn } from './events.ts';
import type { Letter } from './message.ts';

/** A file of dead letters, for people to mend and for `--edit` to read. */
export interface ExportFile extends Disposable {
  add(letter: Letter, payload: Uint8Array): void;
}

/**
 * Readable by its owner alone, since events hold personal data.
 *
 * @throws CliError if it is there already, or cannot be made.
 */
export function exportFile(path: string): ExportFile {
  const file = open(path);
  return {
    add: ({ id, code, message }, payload) => {
      const value = valueIn(payload);
      const content = value === undefined ? { payload: Buffer.from(payload).toString('base64') } : { event: value };
      writeSync(file, `${JSON.stringify({ letter: id, code, message, ...content })}\n`);
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (cause) {
    throw new CliError(`${path} cannot be written: ${reasonOf(cause)}`, { cause });
  }
}
