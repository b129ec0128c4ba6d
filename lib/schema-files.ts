import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config.ts';
import type { RegisteredSchema } from './constructs/schema-registry.ts';

const FOLDER = resolve(import.meta.dirname, '../schemas');

const index = z.record(
  z.string(),
  z.looseObject({
    description: z.string(),
    owner: z.string(),
    registry: z.array(
      z.looseObject({
        name: z.string(),
        compatibility: z.enum(['BACKWARD', 'BACKWARD_ALL', 'FORWARD', 'FORWARD_ALL', 'FULL', 'FULL_ALL', 'NONE']),
        versions: z.array(z.int()).min(1),
      }),
    ),
  }),
);

/**
 * Every version of every event type, as `npm run schemas -- generate` wrote it. Infrastructure reads the files and not the definitions,
 * so that what is deployed is what was reviewed.
 *
 * @throws ConfigError if they are missing or malformed.
 */
export function readSchemas(folder = FOLDER): readonly RegisteredSchema[] {
  const read = (path: string): string => {
    try {
      return readFileSync(join(folder, path), 'utf8');
    } catch (cause) {
      throw new ConfigError(`${join(folder, path)} cannot be read: run npm run schemas -- generate`, { cause });
    }
  };
  const types = index.safeParse(JSON.parse(read('catalogue.json')));
  if (!types.success) {
    throw new ConfigError(
      `catalogue.json is not as npm run schemas -- generate writes it: ${z.prettifyError(types.error)}`,
    );
  }
  return Object.entries(types.data).flatMap(([type, { description, owner, registry }]) =>
    registry.map(({ name, compatibility, versions }) => ({
      name,
      compatibility,
      description: `${description} (owner: ${owner})`,
      definitions: versions.map((version) => read(`${type}/${version}.registry.json`).trim()),
    })),
  );
}
