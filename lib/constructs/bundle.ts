import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

export const PROJECT_ROOT = resolve(import.meta.dirname, '../..');

/** What is bundled: a file, from the project's root, or source text that imports as a file there would. It exports `handler`. */
export type BundleSource = { readonly file: string } | { readonly text: string };

/** What a bundle differs in. */
export interface BundleOptions {
  /** Expressions to replace, by their text: what they decide is left out where it is not needed. */
  readonly define?: Record<string, string>;
  /** First line of every module. */
  readonly banner?: string;
  /** Whether code that is imported only when it is needed gets chunks of its own. Default: it does. */
  readonly splitting?: boolean;
}

/**
 * Writes the ES modules that Lambda runs into a directory, with their packages and their source maps: `index.mjs` and what it imports at
 * once, and chunks for what code imports only when it needs it, so that a cold start does not read them. The same source gives the same
 * bytes wherever the directory is.
 *
 * @throws Error with what esbuild says of the source.
 */
export function bundle(
  source: BundleSource,
  directory: string,
  { define = {}, banner, splitting = true }: BundleOptions = {},
): void {
  const { outputFiles } = buildSync({
    ...('file' in source
      ? { entryPoints: { index: join(PROJECT_ROOT, source.file) } }
      : { stdin: { contents: source.text, resolveDir: PROJECT_ROOT, sourcefile: 'index.ts', loader: 'ts' as const } }),
    absWorkingDir: PROJECT_ROOT,
    // Source maps name sources relative to it; nothing is written there.
    outdir: join(PROJECT_ROOT, 'bundle'),
    write: false,
    entryNames: 'index',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // esbuild's default for Node prefers `main`, which is CommonJS in most packages and cannot be tree-shaken.
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    define,
    ...(banner === undefined ? {} : { banner: { js: banner } }),
    logLevel: 'error',
  });
  for (const { path, contents } of outputFiles) writeFileSync(join(directory, basename(path)), contents);
}

/** A bundle as an asset. Its handler is `index.handler`. */
export const bundledCode = (source: BundleSource, options?: BundleOptions): Code =>
  Code.fromAsset(PROJECT_ROOT, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK wants an image even where it is never run.
      image: DockerImage.fromRegistry('none'),
      // Never run either: CDK takes two assets of one directory for the same unless such options differ.
      command: [JSON.stringify([source, options])],
      local: {
        tryBundle: (directory) => {
          bundle(source, directory, options);
          return true;
        },
      },
    },
  });
