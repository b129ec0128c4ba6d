import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FOLDER, filesBelow, INDEX, schemaFile } from './baseline.ts';
import type { EventType } from './event-types.ts';
import { eventsPage } from './page.ts';
import { registrySchemasOf, registryText } from './registry.ts';

/** The page for producers. */
export const PAGE = 'docs/events.md';

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every generated file, by its path from the project's root. */
export function generated(types: readonly EventType[]): ReadonlyMap<string, string> {
  const index = Object.fromEntries(
    types.map((type) => {
      const { description, owner, subject, compatibility } = type;
      const versions = type.versions.map(({ number, breaks }) => ({ version: number, breaks }));
      return [type.type, { description, owner, subject, compatibility, versions, registry: registrySchemasOf(type) }];
    }),
  );
  const files = types.flatMap(({ type, versions }) =>
    versions.flatMap(({ number, schema, example }): [string, string][] => [
      [schemaFile(type, number), pretty(schema)],
      [`${FOLDER}/${type}/${number}.example.json`, pretty(example)],
      [`${FOLDER}/${type}/${number}.registry.json`, registryText(schema)],
    ]),
  );
  return new Map([[INDEX, pretty(index)], ...files, [PAGE, eventsPage(types)]]);
}

/** Generated files that are missing, differ, or have no type any more. */
export function outdated(root: string, files: ReadonlyMap<string, string>): readonly string[] {
  const differing = [...files].filter(([path, text]) => textAt(root, path) !== text).map(([path]) => path);
  return [...differing, ...filesBelow(root, FOLDER).filter((path) => !files.has(path))];
}

/** Writes and removes what is outdated, and tells which files that were. */
export function write(root: string, files: ReadonlyMap<string, string>): readonly string[] {
  const paths = outdated(root, files);
  for (const path of paths) {
    const text = files.get(path);
    if (text === undefined) rmSync(join(root, path));
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }
  return paths;
}

function textAt(root: string, path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
