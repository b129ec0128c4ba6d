import type { Catalogue } from '../../lambdas/core/catalogue.ts';
import type { StreamManifest } from '../../lambdas/core/manifest.ts';
import { type Break, modeBreaks } from './compatibility.ts';
import { adapterProblems, type EventType, eventTypesOf, type Problem } from './event-types.ts';
import { generated, outdated } from './files.ts';
import { notesOn } from './notes.ts';
import { type Published, publishedBreaks } from './published.ts';

export interface Report {
  /** Definitions that cannot be published at all. */
  readonly problems: readonly Problem[];
  readonly breaks: readonly Break[];
  /** Generated files that are not what the definitions give. */
  readonly outdated: readonly string[];
  /** What nobody suffers from, and yet should be known. */
  readonly notes: readonly string[];
  /** What was compared. */
  readonly compared: {
    readonly types: number;
    readonly versions: number;
    readonly with: string;
    readonly published: number;
  };
}

export const isGood = ({ problems, breaks, outdated }: Report): boolean =>
  problems.length + breaks.length + outdated.length === 0;

/** Everything that is wrong with a catalogue, compared with what was published before. */
export function check(
  root: string,
  catalogue: Catalogue,
  published: Published,
  streams: readonly StreamManifest[] = [],
): Report {
  const { types, problems: own } = eventTypesOf(catalogue);
  const problems = [...own, ...adapterProblems(streams, catalogue)];
  const breaks = problems.length > 0 ? [] : breaksOf(types, published);
  return {
    problems,
    breaks,
    outdated: problems.length > 0 ? [] : outdated(root, generated(types)),
    notes: notesOn(types, published),
    compared: {
      types: types.length,
      versions: types.reduce((sum, { versions }) => sum + versions.length, 0),
      with: published.label,
      published: [...published.types.values()].reduce((sum, { versions }) => sum + versions.size, 0),
    },
  };
}

/** Of a version that was published and has changed, the change is the cause of whatever else it breaks. */
function breaksOf(types: readonly EventType[], published: Published): readonly Break[] {
  const changed = publishedBreaks(types, published);
  const known = new Set(changed.map(({ type, version, path, rule }) => `${type} ${version} ${path} ${rule}`));
  const between = types.flatMap(modeBreaks);
  return [
    ...changed,
    ...between.filter(({ type, version, path, rule }) => !known.has(`${type} ${version} ${path} ${rule}`)),
  ];
}
