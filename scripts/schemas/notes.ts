import { COMPATIBILITY_MODES, type CompatibilityMode } from '../../lambdas/core/catalogue.ts';
import { DEMANDS } from './compatibility.ts';
import { type EventType, linesOf, type PublishedVersion } from './event-types.ts';
import { isObject, type Json, textOf } from './json.ts';
import type { Published } from './published.ts';

/** What no mode forbids and a reviewer should see: weakened modes, lines that end, defaults that change their meaning. */
export const notesOn = (types: readonly EventType[], published: Published): readonly string[] => [
  ...(published.types.size === 0 ? [`nothing is published (${published.label}), so nothing was compared with it`] : []),
  ...types.flatMap((type) => notesOnType(type, published)),
];

function notesOnType(type: EventType, published: Published): readonly string[] {
  const before = published.types.get(type.type);
  const weakened = before === undefined ? [] : weakening(type, before.compatibility, published.label);
  const lines = linesOf(type).flatMap((line) =>
    line.slice(1).flatMap((version, index) => changedDefaults(type, line[index], version)),
  );
  const breaking = type.versions
    .filter(({ number, breaks }) => breaks !== undefined && before !== undefined && !before.versions.has(number))
    .map(({ number, breaks }) => `${type.type} version ${number} breaks with the versions before it: ${breaks}`);
  return [...weakened, ...breaking, ...lines];
}

function weakening({ type, compatibility }: EventType, before: string, label: string): readonly string[] {
  const known = COMPATIBILITY_MODES.find((mode) => mode === before);
  if (known === undefined || demandsAllOf(compatibility, known)) return [];
  return [`${type} was ${before} (${label}) and is ${compatibility}: readers can rely on less`];
}

function demandsAllOf(mode: CompatibilityMode, other: CompatibilityMode): boolean {
  const [own, before] = [DEMANDS[mode], DEMANDS[other]];
  return (
    (own.transitive || !before.transitive) && before.directions.every((direction) => own.directions.includes(direction))
  );
}

/** A reader that fills in another default than the writer meant reads what was never said. */
function changedDefaults(
  { type }: EventType,
  older: PublishedVersion | undefined,
  newer: PublishedVersion,
): readonly string[] {
  if (older === undefined) return [];
  const now = defaultsOf(newer.schema as Json);
  return [...defaultsOf(older.schema as Json)]
    .filter(([path, value]) => now.has(path) && now.get(path) !== value)
    .map(
      ([path, value]) =>
        `${type} version ${newer.number}: the default of ${path} was ${value} in version ${older.number} and is ${now.get(path)}; whoever reads old data with the new schema reads something else`,
    );
}

/** Defaults by the JSON path of the member. */
function defaultsOf(schema: Json, path = '$'): ReadonlyMap<string, string> {
  if (!isObject(schema)) return new Map();
  const own: [string, string][] = schema.default === undefined ? [] : [[path, textOf(schema.default)]];
  const members = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const below = members.flatMap(([name, part]) => [...defaultsOf(part, `${path}.${name}`)]);
  const items = schema.items === undefined ? [] : [...defaultsOf(schema.items, `${path}[*]`)];
  return new Map([...own, ...below, ...items]);
}
