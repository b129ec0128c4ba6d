import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The part of Chrome's format that is read here. */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of nodes, one for each sample. */
  readonly samples: readonly number[];
  /** Microseconds between samples. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

/** Where time went. */
export interface Share {
  readonly where: string;
  /** Microseconds on top of the stack. */
  readonly selfMicros: number;
}

export interface ProfileSummary {
  /** Without the time in which nothing ran. */
  readonly totalMicros: number;
  /** By package, or by folder of this project; most first. */
  readonly byPart: readonly Share[];
  /** By source line of the function; most first. */
  readonly byFunction: readonly Share[];
}

/** Sums a profile of a bundle up, its functions by the sources that its source map names. */
export function summarize(profileFile: string): ProfileSummary {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(profileFile, 'utf8')) as CpuProfile;
  const locate = locator();
  const places = new Map(nodes.map(({ id, callFrame }) => [id, locate(callFrame)]));
  const byPart = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let totalMicros = 0;
  samples.forEach((id, nth) => {
    const place = places.get(id);
    const micros = timeDeltas[nth] ?? 0;
    if (place === undefined || place.part === '(idle)') return;
    totalMicros += micros;
    byPart.set(place.part, (byPart.get(place.part) ?? 0) + micros);
    byFunction.set(place.name, (byFunction.get(place.name) ?? 0) + micros);
  });
  return { totalMicros, byPart: sorted(byPart), byFunction: sorted(byFunction) };
}

const sorted = (sums: ReadonlyMap<string, number>): readonly Share[] =>
  [...sums].map(([where, selfMicros]) => ({ where, selfMicros })).sort((a, b) => b.selfMicros - a.selfMicros);

interface Place {
  readonly part: string;
  readonly name: string;
}

function locator(): (frame: ProfileNode['callFrame']) => Place {
  const maps = new Map<string, SourceMap | undefined>();
  return ({ functionName, url, lineNumber, columnNumber }) => {
    // What V8 does itself has no place: (garbage collector), (program), (idle).
    if (url === '') return { part: functionName || '(native)', name: functionName || '(native)' };
    if (!url.startsWith('file:')) return { part: 'node', name: `${functionName} ${url}` };
    if (!maps.has(url)) maps.set(url, sourceMapOf(url));
    const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
    const source = entry !== undefined && 'originalSource' in entry ? entry.originalSource : fileURLToPath(url);
    const line = entry !== undefined && 'originalLine' in entry ? entry.originalLine + 1 : lineNumber + 1;
    const short = source.replace(/^.*node_modules\//, '').replace(/^(\.\.\/)+/, '');
    return { part: partOf(source, short), name: `${short}:${line}` };
  };
}

/** `@aws-sdk/core`, or `lambdas/runtime`. */
const partOf = (source: string, short: string): string =>
  short
    .split('/')
    .slice(0, source.includes('node_modules/') && !short.startsWith('@') ? 1 : 2)
    .join('/');

function sourceMapOf(url: string): SourceMap | undefined {
  const file = `${fileURLToPath(url)}.map`;
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
