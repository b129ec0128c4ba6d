import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systems } from '../../lambdas/systems/registry.ts';
import { type BundleOptions, type BundleSource, bundle } from '../../lib/constructs/bundle.ts';
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
 * Bundles a module as the CDK app has functions bundled, so that no variant is at an advantage.
 *
 * @param module file from this project's root, or source text.
 * @returns the file to import.
 */
export function bundled(name: string, module: BundleSource, outDir: string, options?: BundleOptions): string {
  const directory = join(outDir, name);
  mkdirSync(directory, { recursive: true });
  bundle(module, directory, options);
  return join(directory, 'index.mjs');
}

/** Of the module and all chunks beside it, those that are seldom loaded included, without source maps. */
export const kilobytes = (file: string): number =>
  readdirSync(dirname(file))
    .filter((name) => name.endsWith('.mjs'))
    .reduce((sum, name) => sum + statSync(join(dirname(file), name)).size, 0) / 1000;
