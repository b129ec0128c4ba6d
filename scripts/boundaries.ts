/** Checks the import rules of .dependency-cruiser.cjs, and first that they bite: a planted violation of each must be found. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type IConfiguration, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as Required<
  Pick<IConfiguration, 'forbidden' | 'options'>
>;

const ROOT = join(import.meta.dirname, '..');
const PARTS = ['bin', 'examples', 'lambdas', 'lib', 'local', 'scripts', 'test'];
/** Fewer modules than this were certainly not all of them: a checker that read nothing passes vacuously. */
const LEAST_MODULES = 100;

/** A file that breaks the named rule, planted into a copy of the tree. */
const PLANTED: Readonly<Record<string, { readonly file: string; readonly source: string }>> = {
  'no-dev-dependencies-in-functions': { file: 'lambdas/aws/planted-dev.ts', source: "import 'fast-check';\n" },
  'no-cycles': { file: 'local/planted-cycle.ts', source: "import './planted-cycle.ts';\nexport const planted = 1;\n" },
  'core-is-pure': { file: 'lambdas/core/planted-core.ts', source: "import 'node:fs';\n" },
  'runtime-knows-no-aws': { file: 'lambdas/runtime/planted-runtime.ts', source: "import '@aws-sdk/client-sqs';\n" },
  'systems-are-pure': { file: 'lambdas/systems/planted/reducer.ts', source: "import '../../runtime/batch.ts';\n" },
  'infra-reads-manifests-only': { file: 'lib/planted-lib.ts', source: "import '../lambdas/core/fold.ts';\n" },
  'producer-stands-alone': {
    file: 'lambdas/producer/planted-producer.ts',
    source: "import '../runtime/ports.ts';\n",
  },
  'lambdas-stand-alone': { file: 'lambdas/aws/planted-aws.ts', source: "import '../../lib/config.ts';\n" },
  'infra-knows-no-local-cloud': { file: 'lib/planted-local.ts', source: "import '../local/esm/engine.ts';\n" },
  'engine-stands-alone': { file: 'local/esm/planted-esm.ts', source: "import '../../lambdas/core/position.ts';\n" },
  'no-tests-in-code': { file: 'local/planted-test.ts', source: "import '../test/support/virtual-clock.ts';\n" },
  'any-endpoint-knows-no-local-cloud': {
    file: 'test/e2e/any-endpoint/planted.ts',
    source: "import '../../../local/cloud.ts';\n",
  },
  'no-unresolved': { file: 'local/planted-unresolved.ts', source: "import './nowhere.ts';\n" },
};

const violations = async (): Promise<{ rules: ReadonlySet<string>; lines: readonly string[]; modules: number }> => {
  const options: ICruiseOptions = {
    ...config.options,
    ruleSet: { forbidden: config.forbidden },
    validate: true,
    preserveSymlinks: true,
    baseDir: process.cwd(),
  };
  const { output } = await cruise(PARTS, options, undefined, { tsConfig: extractTSConfig('tsconfig.json') });
  const { summary, modules } = output as ICruiseResult;
  return {
    rules: new Set(summary.violations.map(({ rule }) => rule.name)),
    lines: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} imports ${to}`),
    modules: modules.length,
  };
};

async function main(): Promise<void> {
  process.chdir(ROOT);
  const before = await violations();
  if (before.modules < LEAST_MODULES) throw new Error(`Only ${before.modules} modules were read`);
  if (before.lines.length > 0) throw new Error(`Import rules are broken:\n${before.lines.join('\n')}`);
  const toothless = await plantAll();
  if (toothless.length > 0)
    throw new Error(`These rules did not find their planted violation: ${toothless.join(', ')}`);
  console.log(
    `${before.modules} modules keep the import rules; ${Object.keys(PLANTED).length} planted violations were found`,
  );
}

/** Names of the rules that do not bite. */
async function plantAll(): Promise<readonly string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-boundaries-'));
  try {
    for (const part of [...PARTS, 'package.json', 'tsconfig.json'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const { file, source } of Object.values(PLANTED)) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), source, { flag: 'wx' });
    }
    process.chdir(copy);
    const { rules } = await violations();
    return Object.keys(PLANTED).filter((rule) => !rules.has(rule));
  } finally {
    process.chdir(ROOT);
    rmSync(copy, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
