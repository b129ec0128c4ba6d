import type { StackDefinition } from './assembly.ts';
import { TemplateError, type TemplateErrorCode } from './errors.ts';
import { resolveCondition, type Scope } from './intrinsics.ts';
import type { Physical } from './resource-type.ts';

/** Region and account of everything local. */
export interface Environment {
  readonly region: string;
  readonly accountId: string;
}

/** A resource that exists. */
export interface Resource extends Physical {
  readonly logicalId: string;
  readonly type: string;
  /** Why it is a mere name; absent if it is real. */
  readonly ignored?: string;
  /** As resolved when it was made or changed last; absent if it is ignored. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What the intrinsics of one stack refer to: its parameters, conditions, the resources so far, and other stacks' exports. */
export class StackScope implements Scope {
  readonly #stack: StackDefinition;
  readonly #resources: ReadonlyMap<string, Resource>;
  readonly #exports: ReadonlyMap<string, unknown>;
  readonly #pseudoParameters: ReadonlyMap<string, unknown>;

  /** @param resources and `exports` may grow while the scope is in use. */
  constructor(
    stack: StackDefinition,
    environment: Environment,
    resources: ReadonlyMap<string, Resource>,
    exports: ReadonlyMap<string, unknown>,
  ) {
    this.#stack = stack;
    this.#resources = resources;
    this.#exports = exports;
    this.#pseudoParameters = pseudoParameters(stack, environment);
  }

  ref(name: string, where: string): unknown {
    if (this.#pseudoParameters.has(name)) return this.#pseudoParameters.get(name);
    return this.#resources.get(name)?.ref ?? this.#parameter(name, where);
  }

  attribute(logicalId: string, attribute: string, where: string): unknown {
    const resource = this.#resources.get(logicalId);
    if (!resource) throw unresolved(where, `there is no resource ${logicalId} to refer to`);
    const value = resource.attributes[attribute];
    if (value !== undefined) return value;
    const known = Object.keys(resource.attributes).join(', ') || 'none';
    throw unresolved(where, `${logicalId} (${resource.type}) has no attribute ${attribute} here; it has: ${known}`);
  }

  condition(name: string, where: string): boolean {
    return this.#evaluate(name, where, []);
  }

  importValue(name: string, where: string): unknown {
    if (this.#exports.has(name)) return this.#exports.get(name);
    const known = [...this.#exports.keys()].join(', ') || 'nothing';
    throw unresolved(where, `no stack deployed before exports ${name}; exported is: ${known}`);
  }

  #parameter(name: string, where: string): unknown {
    const parameter = this.#stack.template.Parameters[name];
    if (!parameter) throw unresolved(where, `there is no ${name} to refer to`);
    const value = this.#stack.parameters[name] ?? parameter.Default;
    // The value of an SSM parameter is the name of an entry in a store that is not here.
    if (value === undefined || parameter.Type.startsWith('AWS::SSM::')) {
      throw unresolved(where, `parameter ${name} of type ${parameter.Type} has no value here`);
    }
    return /^(CommaDelimitedList$|List<)/.test(parameter.Type) ? String(value).split(',') : value;
  }

  #evaluate(name: string, where: string, path: readonly string[]): boolean {
    const { Conditions: conditions } = this.#stack.template;
    if (!(name in conditions)) throw unresolved(where, `there is no condition ${name}`);
    const ring = [...path, name];
    if (path.includes(name))
      throw unresolved(where, `conditions need each other: ${ring.join(' → ')}`, 'template.cycle');
    const scope: Scope = {
      ref: (id, at) => this.ref(id, at),
      attribute: (id, attribute, at) => this.attribute(id, attribute, at),
      importValue: (id, at) => this.importValue(id, at),
      condition: (next, at) => this.#evaluate(next, at, ring),
    };
    return resolveCondition(conditions[name], scope, `${this.#stack.name}/Conditions.${name}`);
  }
}

const pseudoParameters = (
  { name, id }: StackDefinition,
  { region, accountId }: Environment,
): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>([
    ['AWS::Region', region],
    ['AWS::AccountId', accountId],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', name],
    ['AWS::StackId', id ?? `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/local`],
    ['AWS::NotificationARNs', []],
    ['AWS::NoValue', undefined],
  ]);

const unresolved = (
  where: string,
  problem: string,
  code: TemplateErrorCode = 'template.unresolved-reference',
): TemplateError => new TemplateError(code, where, problem);
