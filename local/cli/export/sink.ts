import { open, rename, rm } from 'node:fs/promises';
import type { Output } from '../output.ts';

/** Where an export goes. */
export interface Sink extends AsyncDisposable {
  /** Resolves once there is room for more. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** The whole export was written: from now on the file is there under its name. */
  done(): Promise<void>;
}

/**
 * A file that is there once it is whole: until then what was written is in `<file>.part`, which goes if the sink is disposed of before.
 *
 * @throws whatever the file system answers.
 */
export async function fileSink(file: string): Promise<Sink> {
  const part = `${file}.part`;
  const handle = await open(part, 'w');
  let isDone = false;
  return {
    write: async (chunk) => {
      await handle.writeFile(chunk);
    },
    done: async () => {
      await handle.sync();
      await handle.close();
      await rename(part, file);
      isDone = true;
    },
    [Symbol.asyncDispose]: async () => {
      if (isDone) return;
      await handle.close();
      await rm(part, { force: true });
    },
  };
}

/** Standard output, for text. */
export const outputSink = (output: Output, signal: AbortSignal): Sink => ({
  write: async (chunk) => {
    const text = String(chunk).replace(/\r?\n$/, '');
    if (text !== '') output.result(text);
    await output.room(signal);
  },
  done: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
});
