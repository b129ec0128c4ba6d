import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A bundled function in a temporary directory. */
export interface BundleFixture extends Disposable {
  readonly directory: string;
}

/** Bundles a handler's source into one ES module, `index.mjs`, its packages included, as the CDK app does. */
export async function bundle(source: string): Promise<BundleFixture> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bundle-'));
  await build({
    stdin: { contents: source, resolveDir: join(import.meta.dirname, '../..'), loader: 'ts' },
    outfile: join(directory, 'index.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}
