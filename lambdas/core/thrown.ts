import { MissingMigration } from './processor.ts';
import { ReservedAttribute } from './reserved-attribute.ts';

/** Where it was thrown, and no more: the message before the frames may quote data of the event or the row, over several lines. */
export function framesOf({ stack = '', message }: Error): readonly string[] {
  const quoted = stack.indexOf(message);
  return (quoted < 0 ? stack : stack.slice(quoted + message.length))
    .split('\n')
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .slice(0, 3)
    .map((line) => line.trim());
}

/** What pure code threw, as logs may say it: its name and place, and the words of our own errors, which quote no data. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'an unknown value';
  const isOwn = thrown instanceof ReservedAttribute || thrown instanceof MissingMigration;
  return isOwn ? `${thrown.name}: ${thrown.message}` : [thrown.name, ...framesOf(thrown)].join(' ');
}
