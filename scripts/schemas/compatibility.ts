import type { CompatibilityMode } from '../../lambdas/core/catalogue.ts';
import { adviceFor } from './advice.ts';
import { type EventType, linesOf, type PublishedVersion } from './event-types.ts';
import type { Finding, Rule } from './finding.ts';
import type { JsonSchema } from './json.ts';
import { shapeOf } from './parse.ts';
import { findingsOf } from './within.ts';

/** Who cannot read whom. */
export type Direction = 'BACKWARD' | 'FORWARD';

/** A change that somebody would suffer from. */
export interface Break {
  readonly type: string;
  readonly version: number;
  /** The version that it is compared with. */
  readonly against: number;
  /** JSON path in the data. */
  readonly path: string;
  readonly rule: Rule | 'changed' | 'removed' | 'personal-data' | 'line';
  readonly message: string;
  /** What to do instead. */
  readonly instead: string;
  /** False if it is only not proven that nobody suffers. */
  readonly proven: boolean;
}

/** What a mode demands. */
export const DEMANDS: Readonly<Record<CompatibilityMode, { directions: readonly Direction[]; transitive: boolean }>> = {
  BACKWARD: { directions: ['BACKWARD'], transitive: false },
  BACKWARD_TRANSITIVE: { directions: ['BACKWARD'], transitive: true },
  FORWARD: { directions: ['FORWARD'], transitive: false },
  FORWARD_TRANSITIVE: { directions: ['FORWARD'], transitive: true },
  FULL: { directions: ['BACKWARD', 'FORWARD'], transitive: false },
  FULL_TRANSITIVE: { directions: ['BACKWARD', 'FORWARD'], transitive: true },
  NONE: { directions: [], transitive: false },
};

/** Why versions of a type cannot be read as its mode demands. */
export function modeBreaks(type: EventType): readonly Break[] {
  const { directions, transitive } = DEMANDS[type.compatibility];
  return linesOf(type).flatMap((line) =>
    line.flatMap((version, index) =>
      (transitive ? line.slice(0, index) : line.slice(Math.max(0, index - 1), index)).flatMap((older) =>
        directions.flatMap((direction) => pairBreaks(type, older, version, direction)),
      ),
    ),
  );
}

function pairBreaks(
  { type, compatibility }: EventType,
  older: PublishedVersion,
  newer: PublishedVersion,
  direction: Direction,
): readonly Break[] {
  const [writer, reader] = direction === 'BACKWARD' ? [older, newer] : [newer, older];
  return unreadable(writer.schema, reader.schema).map((finding) => ({
    type,
    version: newer.number,
    against: older.number,
    path: finding.path,
    rule: finding.rule,
    message: `${compatibility} is broken: ${detailOf(finding, `version ${writer.number}`, `version ${reader.number}`)}`,
    instead: adviceFor(finding.rule, direction, newer.number),
    proven: finding.proven,
  }));
}

/** Why a reader with one schema cannot read all data written with another. */
export const unreadable = (writer: JsonSchema, reader: JsonSchema): readonly Finding[] =>
  findingsOf(shapeOf(writer), shapeOf(reader));

export const detailOf = ({ detail }: Finding, writer: string, reader: string): string =>
  detail.replaceAll('{writer}', writer).replaceAll('{reader}', reader);
