import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepError } from './shell.ts';

/**
 * Changes a text as a person would who reads the block: finds the lines that are there and those that go, in one piece, and puts those that
 * are there and those that come in their place.
 *
 * @param change lines that begin with `-`, `+` or, if they stay, a blank
 * @throws StepError unless the lines are there exactly once.
 */
export function edited(text: string, change: string): string {
  const lines = change.split('\n');
  const unknown = lines.find((line) => !/^[ +-]/.test(line));
  if (unknown !== undefined) throw new StepError(`"${unknown}" begins neither with - nor with + nor with a blank`);
  const piece = (sign: string) =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const pieces = text.split(piece('+'));
  if (pieces.length !== 2) throw new StepError(`these lines are there ${pieces.length - 1} times:\n${piece('+')}`);
  return pieces.join(piece('-'));
}

/** @throws StepError if the file is not as the page says. */
export function editFile(directory: string, file: string, change: string): undefined {
  const path = join(directory, file);
  if (!existsSync(path)) throw new StepError(`there is no file ${file}`);
  writeFileSync(path, edited(readFileSync(path, 'utf8'), change));
}
