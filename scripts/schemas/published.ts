import { type Break, detailOf, unreadable } from './compatibility.ts';
import type { EventType, PublishedVersion } from './event-types.ts';
import { bare, isObject, type Json, type JsonSchema, textOf } from './json.ts';

/** What was published before: of a type, by version. */
export interface Published {
  /** Where it comes from, for messages: `HEAD~1`. */
  readonly label: string;
  readonly types: ReadonlyMap<string, PublishedType>;
}

export interface PublishedType {
  readonly compatibility: string;
  readonly versions: ReadonlyMap<number, { readonly schema: JsonSchema; readonly breaks: string | undefined }>;
}

/**
 * What has happened to published versions. One is never changed: events that name it lie in streams, archives and dead-letter queues, its
 * text is in the registry, and other teams' code was made from it. Descriptions may change, and marks of personal data be added.
 */
export function publishedBreaks(types: readonly EventType[], published: Published): readonly Break[] {
  const now = new Map(types.map((type) => [type.type, type]));
  return [...published.types].flatMap(([type, before]) => {
    const current = now.get(type);
    if (current !== undefined) return versionsOf(current, before, published.label);
    const [newest = 1] = [...before.versions.keys()].sort((a, b) => b - a);
    return [
      {
        ...removed(type, newest),
        message: `the type is published (${published.label}) and no system defines it any more`,
        instead:
          'keep its definition: events of it lie in streams and archives; say in its description that it is retired',
      },
    ];
  });
}

const removed = (type: string, version: number) =>
  ({ type, version, against: version, path: '$', rule: 'removed', proven: true }) as const;

function versionsOf(now: EventType, { versions }: PublishedType, label: string): readonly Break[] {
  return [...versions].flatMap(([number, before]) => {
    const version = now.versions[number - 1];
    if (version === undefined) {
      return [
        {
          ...removed(now.type, number),
          message: `version ${number} is published (${label}) and no longer defined`,
          instead: `define it again, with its upcaster: events that name it lie in streams and archives`,
        },
      ];
    }
    return [
      ...changes(now, version, before.schema, label),
      ...unmarked(now, version, before.schema, label),
      ...moved(now, version, before.breaks, label),
    ];
  });
}

function changes({ type, versions }: EventType, version: PublishedVersion, before: JsonSchema, label: string): Break[] {
  if (textOf(bare(before)) === textOf(bare(version.schema))) return [];
  const { number } = version;
  const instead = `restore version ${number} and publish the change as version ${versions.length + 1} with an upcaster (evolve)`;
  const about = { type, version: number, against: number, instead, proven: true };
  const [old, changed] = ['the published schema', 'the changed one'];
  const found = [
    ...unreadable(before, version.schema).map((finding) => ({ finding, detail: detailOf(finding, old, changed) })),
    ...unreadable(version.schema, before).map((finding) => ({ finding, detail: detailOf(finding, changed, old) })),
  ];
  if (found.length === 0) {
    const path = differenceOf(bare(before), bare(version.schema), '$');
    return [
      {
        ...about,
        path,
        rule: 'changed',
        message: `version ${number} is published (${label}) and its text has changed`,
      },
    ];
  }
  return found.map(({ finding, detail }) => ({
    ...about,
    path: finding.path,
    rule: finding.rule,
    message: `version ${number} is published (${label}) and has changed: ${detail}`,
  }));
}

/** Where in the documents the first difference is. */
function differenceOf(before: Json | undefined, after: Json | undefined, path: string): string {
  if (!isObject(before) || !isObject(after)) return path;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const differing = names.find((name) => textOf(before[name] ?? null) !== textOf(after[name] ?? null));
  return differing === undefined ? path : differenceOf(before[differing], after[differing], `${path}.${differing}`);
}

/** A mark that goes would show in logs and copies what it hid, and leave it behind at an erasure. */
function unmarked({ type }: EventType, version: PublishedVersion, before: JsonSchema, label: string): Break[] {
  const marks = marksOf(version.schema as Json);
  return [...marksOf(before as Json)]
    .filter(([path, mark]) => marks.get(path) !== mark)
    .map(([path, mark]) => ({
      type,
      version: version.number,
      against: version.number,
      path,
      rule: 'personal-data',
      message: `version ${version.number} (${label}) marks it as personal data (${mark}), and now ${marks.get(path) ?? 'does not'}`,
      instead: `restore the mark: .meta({ pii: '${mark}' })`,
      proven: true,
    }));
}

/** Marks of personal data by the path of the schema that carries them. */
function marksOf(schema: Json, path = '$'): ReadonlyMap<string, string> {
  if (!isObject(schema) && !Array.isArray(schema)) return new Map();
  const own = isObject(schema) && typeof schema.pii === 'string' ? [[path, schema.pii] as const] : [];
  const parts = Object.entries(schema).flatMap(([name, part]) => [...marksOf(part as Json, `${path}.${name}`)]);
  return new Map([...own, ...parts]);
}

/** Lines of compatibility are schemas of the registry: a version cannot move to another one. */
function moved(
  { type }: EventType,
  { number, breaks }: PublishedVersion,
  before: string | undefined,
  label: string,
): Break[] {
  if ((breaks === undefined) === (before === undefined)) return [];
  return [
    {
      type,
      version: number,
      against: number,
      path: '$',
      rule: 'line',
      message: `version ${number} is published (${label}) ${before === undefined ? 'as compatible with the one before it' : 'as a break'}, and \`breaks\` now says otherwise`,
      instead:
        before === undefined ? 'take `breaks` away, and publish a further version' : `restore breaks: '${before}'`,
      proven: true,
    },
  ];
}
