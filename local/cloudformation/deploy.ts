import type { Assembly } from './assembly.ts';
import { type Environment, type Resource, StackScope } from './scope.ts';
import { creationOrder, makeResource, outputsOf, type ResourceTypes } from './stack-resources.ts';

/** A stack that exists. */
export interface Stack {
  readonly name: string;
  /** By logical id, in the order in which they were made. Those whose condition is false are left out. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** Values of outputs by key. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Makes every stack of an assembly: its resources in the order of their references, then its outputs and exports.
 *
 * @throws TemplateError at the first thing that the local cloud cannot run. If it is a type or a ring of references,
 *   nothing has been made by then.
 */
export async function deploy(assembly: Assembly, types: ResourceTypes, environment: Environment): Promise<Stack[]> {
  const plans = assembly.stacks.map((definition) => ({ definition, order: creationOrder(definition, types) }));
  const exports = new Map<string, string>();
  const stacks: Stack[] = [];
  for (const { definition, order } of plans) {
    const resources = new Map<string, Resource>();
    const scope = new StackScope(definition, environment, resources, exports);
    for (const logicalId of order) {
      const assetDirectory = (key: string) => assembly.assetDirectory(key, `${definition.name}/${logicalId}`);
      const resource = await makeResource({ definition, types, scope, assetDirectory }, logicalId);
      if (resource) resources.set(logicalId, resource);
    }
    const outputs = outputsOf(definition, scope);
    for (const { exportName, value } of outputs) if (exportName !== undefined) exports.set(exportName, value);
    stacks.push({
      name: definition.name,
      resources,
      outputs: Object.fromEntries(outputs.map(({ key, value }) => [key, value])),
    });
  }
  return stacks;
}
