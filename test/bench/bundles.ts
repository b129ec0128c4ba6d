import { statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { systems } from '../../lambdas/systems/registry.ts';
import { STATELESS_OUTPUTS, statelessStackName } from '../../lib/stacks/outputs.ts';
import { readAssembly } from '../../local/cloudformation/assembly.ts';

/** A function as the CDK app deploys it. */
export interface DeployedFunction {
  /** The system that it processes. */
  readonly name: string;
  readonly file: string;
  /** Environment variables as the template has them: texts, and intrinsics for what only a deployment knows. */
  readonly variables: Readonly<Record<string, unknown>>;
}

interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
}

/** The functions of a synthesized stage `local`: those of systems under the system's name, others under their logical id. */
export function deployedFunctions(assemblyDir: string): readonly DeployedFunction[] {
  const assembly = readAssembly(assemblyDir);
  const stackName = statelessStackName('local');
  const template = assembly.stacks.find(({ name }) => name === stackName)?.template;
  if (template === undefined) throw new Error(`${assemblyDir} holds no stack ${stackName}`);
  const systemsById = new Map(
    systems.map(({ name }) => [
      (template.Outputs[STATELESS_OUTPUTS.functionName(name)]?.Value as Reference)?.Ref,
      name,
    ]),
  );
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type !== 'AWS::Lambda::Function') return [];
    const { Code, Environment } = Properties as unknown as FunctionProperties;
    const file = join(assembly.assetDirectory(Code.S3Key, `${stackName}/${id}`), 'index.mjs');
    return [{ name: systemsById.get(id) ?? id, file, variables: Environment?.Variables ?? {} }];
  });
}

type Reference = { readonly Ref?: string } | undefined;

/**
 * Bundles a module as lib/constructs/processor-function.ts has functions bundled, so that no variant is at an advantage.
 *
 * @param module file of this project, or source text.
 * @returns the bundle's file.
 */
export async function bundle(
  name: string,
  module: { readonly file: string } | { readonly text: string },
  outDir: string,
) {
  const outfile = join(outDir, name, 'index.mjs');
  await build({
    ...('file' in module
      ? { entryPoints: [module.file] }
      : { stdin: { contents: module.text, resolveDir: import.meta.dirname, loader: 'ts' as const } }),
    outfile,
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  return outfile;
}

export const kilobytes = (file: string): number => statSync(file).size / 1000;
