import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { JsonSchema } from './json.ts';
import type { Published, PublishedType } from './published.ts';

/** A revision or a published file that cannot be read: the check has nothing to go by. */
export class BaselineError extends Error {
  override readonly name = 'BaselineError';
}

export const FOLDER = 'schemas';
export const INDEX = `${FOLDER}/catalogue.json`;
export const schemaFile = (type: string, version: number): string => `${FOLDER}/${type}/${version}.json`;

const index = z.record(
  z.string(),
  z.looseObject({
    compatibility: z.string(),
    versions: z.array(z.looseObject({ version: z.int(), breaks: z.string().optional() })),
  }),
);

/** What the files of the project say now. */
export const publishedInFolder = (root: string): Published =>
  publishedIn(FOLDER, (path) => {
    const file = join(root, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  });

/** Whether the project lies in a git work tree with a commit. */
export const hasHistory = (root: string): boolean =>
  git(root, ['rev-parse', '--verify', '--quiet', 'HEAD']).status === 0;

/** @throws BaselineError if the revision is not there, for example in a shallow clone. */
export function publishedAt(root: string, revision: string): Published {
  const found = git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
  if (found.status !== 0) {
    throw new BaselineError(
      `git knows no revision ${JSON.stringify(revision)} here: is it spelt right, and is the clone deep enough (git fetch --unshallow)?`,
    );
  }
  const commit = found.stdout.trim();
  return publishedIn(revision, (path) => {
    const shown = git(root, ['show', `${commit}:./${path}`]);
    return shown.status === 0 ? shown.stdout : undefined;
  });
}

function git(root: string, args: readonly string[]): { status: number | null; stdout: string } {
  const { status, stdout, error } = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: error === undefined ? status : 1, stdout: stdout ?? '' };
}

/** `read` gives the text of a file by its path from the project's root, or undefined. */
function publishedIn(label: string, read: (path: string) => string | undefined): Published {
  const text = read(INDEX);
  if (text === undefined) return { label, types: new Map() };
  const types = index.safeParse(parse(text, INDEX, label));
  if (!types.success) throw new BaselineError(`${INDEX} (${label}) is no catalogue: ${z.prettifyError(types.error)}`);
  return {
    label,
    types: new Map(
      Object.entries(types.data).map(([type, { compatibility, versions }]): [string, PublishedType] => [
        type,
        {
          compatibility,
          versions: new Map(
            versions.map(({ version, breaks }) => {
              const path = schemaFile(type, version);
              const schema = read(path);
              if (schema === undefined) throw new BaselineError(`${path} (${label}) is missing: restore it from git`);
              return [version, { schema: parse(schema, path, label) as JsonSchema, breaks }];
            }),
          ),
        },
      ]),
    ),
  };
}

function parse(text: string, path: string, label: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BaselineError(`${path} (${label}) is no JSON: restore it from git`, { cause });
  }
}

/** Every file below a folder, by its path from the root. */
export function filesBelow(root: string, folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
