import type { LogLine } from '../lambda/log-stream.ts';

/** A log of the local cloud as CloudWatch Logs has it. */
export interface LogGroup {
  readonly name: string;
  /** The last lines, oldest first. */
  readonly lines: readonly LogLine[];
}

/** Whoever writes into a log group. */
export interface LogSource {
  readonly logGroup: string;
  lines(): readonly LogLine[];
}

/** Log groups by name, in the order of their names; what several write into one is put together in the order of writing. */
export function logGroupsOf(sources: readonly LogSource[]): readonly LogGroup[] {
  const byName = Map.groupBy(sources, ({ logGroup }) => logGroup);
  return [...byName.entries()]
    .map(([name, writers]) => ({
      name,
      lines: writers.flatMap((writer) => writer.lines()).toSorted((a, b) => a.id - b.id),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
