import { Writable } from 'node:stream';
import { Output } from '../../../local/cli/output.ts';

/** What a command wrote. */
export interface Captured {
  readonly output: Output;
  stdout(): string;
  stderr(): string;
}

/** An output whose text can be looked at; `terminal` makes standard error one. */
export function captured(terminal: { readonly isTTY?: boolean; readonly columns?: number } = {}): Captured {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const output = new Output({ stdout: into(stdout), stderr: Object.assign(into(stderr), terminal) });
  return { output, stdout: () => stdout.join(''), stderr: () => stderr.join('') };
}

const into = (texts: string[]): Writable =>
  new Writable({
    write: (chunk, _encoding, done) => {
      texts.push(String(chunk));
      done();
    },
  });
