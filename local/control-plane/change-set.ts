import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '../cloudformation/scope.ts';
import type { ManagedStack, StackInput } from './managed-stack.ts';

/** What a change set would do to one resource. */
export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string;
}

/** An update of a stack, or its creation, that is planned and not carried out yet. */
export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stack: ManagedStack;
  readonly input: StackInput;
  readonly createdAt: Date;
  /** None: it cannot be executed. */
  readonly changes: readonly ResourceChange[];
  readonly isEmpty: boolean;
}

/** Plans what `input` would change. A change of the template's outputs alone, or of parameters or tags, is a change as well. */
export function planChangeSet(name: string, stack: ManagedStack, input: StackInput, idPrefix: string): ChangeSet {
  const { input: current } = stack;
  const changes = changesOf(stack, input);
  const same =
    current !== undefined &&
    isDeepStrictEqual(current.definition.template, input.definition.template) &&
    isDeepStrictEqual(current.definition.parameters, input.definition.parameters) &&
    isDeepStrictEqual(current.tags, input.tags);
  return { id: `${idPrefix}/${randomUUID()}`, name, stack, input, createdAt: new Date(), changes, isEmpty: same };
}

function changesOf(stack: ManagedStack, { definition: { template } }: StackInput): ResourceChange[] {
  const before = stack.input?.definition.template.Resources ?? {};
  const physical = (logicalId: string): Pick<Resource, 'ref'> | undefined => stack.resources.get(logicalId);
  const change = (action: ResourceChange['action'], logicalId: string, type: string): ResourceChange => {
    const ref = physical(logicalId)?.ref;
    return { action, logicalId, type, ...(ref === undefined ? {} : { physicalId: ref }) };
  };
  const kept = Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    if (physical(logicalId) === undefined) return [change('Add', logicalId, resource.Type)];
    return isDeepStrictEqual(before[logicalId], resource) ? [] : [change('Modify', logicalId, resource.Type)];
  });
  const gone = [...stack.resources.values()].filter(({ logicalId }) => !(logicalId in template.Resources));
  return [...kept, ...gone.map(({ logicalId, type }) => change('Remove', logicalId, type))];
}
