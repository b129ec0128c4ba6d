import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TemplateError } from './errors.ts';
import { dependencyOrder } from './order.ts';
import { parseTemplate, type Template } from './template.ts';

/** A stack of a cloud assembly. */
export interface StackDefinition {
  /** The name that CloudFormation would show. */
  readonly name: string;
  /** Its ARN. Default: one made of its name. */
  readonly id?: string;
  readonly template: Template;
  /** Values of template parameters that the CDK has fixed. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What `cdk synth` writes: stacks, each after those that it depends on, and the files that they name. */
export interface Assembly {
  readonly stacks: readonly StackDefinition[];
  /**
   * The directory that the CDK would zip and upload as `key`.
   *
   * @throws TemplateError if the assembly has no such asset, or one that is no directory.
   */
  assetDirectory(key: string, where: string): string;
}

const artifact = z.looseObject({
  type: z.string(),
  dependencies: z.array(z.string()).default([]),
  properties: z
    .looseObject({
      templateFile: z.string().optional(),
      stackName: z.string().optional(),
      parameters: z.record(z.string(), z.string()).default({}),
      file: z.string().optional(),
    })
    .default({ parameters: {} }),
});

const manifest = z.looseObject({
  artifacts: z.record(z.string(), artifact).default({}),
  missing: z.array(z.looseObject({ key: z.string() })).default([]),
});

const assets = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional(), packaging: z.string().optional() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

type Artifacts = z.output<typeof manifest>['artifacts'];
type Asset = z.output<typeof assets>['files'][string]['source'];

/** Artifacts that say nothing about what runs. Any other type is refused: it would be left out silently. */
const SILENT_ARTIFACTS = new Set(['cdk:asset-manifest', 'cdk:tree', 'cdk:feature-flag-report']);

/**
 * Reads a cloud assembly.
 *
 * @throws TemplateError if files are missing or malformed, context is missing, or stacks depend on each other in a ring.
 */
export function readAssembly(directory: string): Assembly {
  const file = join(directory, 'manifest.json');
  const { artifacts, missing } = parse(manifest, file);
  if (missing.length > 0) {
    const keys = missing.map(({ key }) => key).join(', ');
    throw new TemplateError('assembly.invalid', file, `context is missing, so the templates are incomplete: ${keys}`);
  }
  const files = assetsByKey(directory, artifacts);
  return {
    stacks: stackOrder(artifacts, file).map((id) => readStack(directory, id, artifacts)),
    assetDirectory: (key, where) => assetDirectory(directory, files, key, where),
  };
}

function stackOrder(artifacts: Artifacts, file: string): string[] {
  const ids = Object.keys(artifacts).filter((id) => {
    const type = artifacts[id]?.type ?? '';
    if (type === 'aws:cloudformation:stack') return true;
    if (SILENT_ARTIFACTS.has(type)) return false;
    throw new TemplateError(
      'assembly.invalid',
      file,
      `artifact ${id} has type ${type}, which the local cloud cannot run`,
    );
  });
  return dependencyOrder(
    ids,
    (id) => artifacts[id]?.dependencies ?? [],
    (path) => new TemplateError('assembly.cycle', file, `stacks depend on each other: ${path.join(' → ')}`),
  );
}

function readStack(directory: string, id: string, artifacts: Artifacts): StackDefinition {
  const properties = artifacts[id]?.properties;
  const name = properties?.stackName ?? id;
  const templateFile = join(directory, properties?.templateFile ?? `${id}.template.json`);
  return { name, template: parseTemplate(name, readJson(templateFile)), parameters: properties?.parameters ?? {} };
}

function assetsByKey(directory: string, artifacts: Artifacts): ReadonlyMap<string, Asset> {
  const manifests = Object.values(artifacts).filter(({ type }) => type === 'cdk:asset-manifest');
  return new Map(
    manifests.flatMap(({ properties }) => {
      const { files } = parse(assets, join(directory, properties.file ?? ''));
      return Object.values(files).flatMap(({ source, destinations }) =>
        Object.values(destinations).map(({ objectKey }) => [objectKey, source] as const),
      );
    }),
  );
}

function assetDirectory(directory: string, files: ReadonlyMap<string, Asset>, key: string, where: string): string {
  const asset = files.get(key);
  if (asset?.path && asset.packaging === 'zip') return resolve(directory, asset.path);
  const problem = asset ? `asset ${key} is no directory, and archives are not unpacked` : `there is no asset ${key}`;
  throw new TemplateError('assembly.asset-missing', where, problem);
}

function parse<T>(schema: z.ZodType<T>, file: string): T {
  const parsed = schema.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  throw new TemplateError('assembly.invalid', file, z.prettifyError(parsed.error));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const problem = `cannot be read as JSON; synthesize the app first: ${(cause as Error).message}`;
    throw new TemplateError('assembly.invalid', file, problem, { cause });
  }
}
