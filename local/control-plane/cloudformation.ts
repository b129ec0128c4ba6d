import { z } from 'zod';
import type { Dispatch } from '../emulators/front.ts';
import { ServiceError } from '../service-error.ts';
import { answerOf } from './answers.ts';
import type { Assets } from './assets.ts';
import type { ManagedStack, StackInput } from './managed-stack.ts';
import { inputOf, type Operation, queryService } from './query-protocol.ts';
import type { Stacks } from './stacks.ts';
import { readTemplate } from './template-text.ts';

const stackName = z.looseObject({ StackName: z.string() });
const anyStack = z.looseObject({ StackName: z.string().optional() });
const changeSetName = z.looseObject({ ChangeSetName: z.string(), StackName: z.string().optional() });
/** An empty list is sent as an empty text. */
const listOf = <S extends z.ZodType>(element: S) =>
  z.preprocess((value) => (value === '' ? [] : value), z.array(element)).default([]);

const createChangeSet = z.looseObject({
  StackName: z.string(),
  ChangeSetName: z.string(),
  ChangeSetType: z.enum(['CREATE', 'UPDATE'], 'CREATE or UPDATE; nothing is imported locally').default('UPDATE'),
  TemplateBody: z.string().optional(),
  TemplateURL: z.string().optional(),
  Parameters: listOf(
    z.looseObject({
      ParameterKey: z.string(),
      ParameterValue: z.string().optional(),
      UsePreviousValue: z.string().optional(),
    }),
  ),
  Tags: listOf(z.object({ Key: z.string(), Value: z.string() })),
});

/**
 * CloudFormation, as far as deployments by change sets go: those of the CDK CLI, `aws cloudformation deploy` and SDKs. Resources are
 * made by the local cloud's own types; what these do not know is refused by name.
 *
 * @param report is told what went wrong in the service itself.
 */
export function cloudFormationApi(stacks: Stacks, assets: Assets, report: (error: unknown) => void): Dispatch {
  const operations = { ...changeSetOperations(stacks, assets), ...stackOperations(stacks) };
  return queryService('CloudFormation', 'http://cloudformation.amazonaws.com/doc/2010-05-15/', operations, report);
}

function changeSetOperations(stacks: Stacks, assets: Assets): Readonly<Record<string, Operation>> {
  return {
    CreateChangeSet: async (input) => {
      const request = inputOf(createChangeSet, input);
      const current = request.ChangeSetType === 'UPDATE' ? stacks.find(request.StackName).input : undefined;
      const text = await templateText(request, current, assets);
      const set = stacks.plan({
        stackName: request.StackName,
        changeSetName: request.ChangeSetName,
        type: request.ChangeSetType,
        text,
        tags: request.Tags,
        definition: { template: readTemplate(request.StackName, text), parameters: parametersOf(request, current) },
      });
      return { Id: set.id, StackId: set.stack.id };
    },
    DescribeChangeSet: (input) => {
      const { ChangeSetName, StackName } = inputOf(changeSetName, input);
      return answerOf.changeSet(stacks.changeSet(ChangeSetName, StackName));
    },
    ExecuteChangeSet: (input) => {
      const { ChangeSetName, StackName } = inputOf(changeSetName, input);
      stacks.execute(stacks.changeSet(ChangeSetName, StackName));
      return {};
    },
    DeleteChangeSet: (input) => {
      const { ChangeSetName, StackName } = inputOf(changeSetName, input);
      // As CloudFormation does, this succeeds for a change set that is not there.
      stacks.discard(ChangeSetName, StackName);
      return {};
    },
  };
}

function stackOperations(stacks: Stacks): Readonly<Record<string, Operation>> {
  const found = (input: unknown): ManagedStack => stacks.find(inputOf(stackName, input).StackName);
  return {
    DescribeStacks: (input) => {
      const { StackName } = inputOf(anyStack, input);
      return { Stacks: (StackName === undefined ? stacks.live : [stacks.find(StackName)]).map(answerOf.stack) };
    },
    ListStacks: () => ({ StackSummaries: stacks.all.map(answerOf.summary) }),
    DescribeStackEvents: (input) => {
      const stack = found(input);
      return { StackEvents: stack.history.events.toReversed().map((event) => answerOf.event(stack, event)) };
    },
    DescribeStackResources: (input) => ({ StackResources: answerOf.resources(found(input)) }),
    ListStackResources: (input) => ({ StackResourceSummaries: answerOf.resources(found(input)) }),
    GetTemplate: (input) => ({ TemplateBody: found(input).input?.text ?? '{}' }),
    DeleteStack: (input) => {
      const { StackName } = inputOf(stackName, input);
      // As CloudFormation does, this succeeds for a stack that is not there.
      const stack = stacks.all.find(({ name, id }) => name === StackName || id === StackName);
      if (stack !== undefined && stacks.live.includes(stack)) stacks.delete(stack);
      return {};
    },
    UpdateTerminationProtection: (input) => {
      const stack = found(input);
      const schema = z.looseObject({ EnableTerminationProtection: z.enum(['true', 'false']) });
      stack.protectedFromDeletion = inputOf(schema, input).EnableTerminationProtection === 'true';
      return { StackId: stack.id };
    },
    ListExports: () => ({ Exports: stacks.live.flatMap(answerOf.exports) }),
  };
}

type CreateChangeSet = z.output<typeof createChangeSet>;

async function templateText(
  { TemplateBody, TemplateURL, UsePreviousTemplate }: CreateChangeSet,
  current: StackInput | undefined,
  assets: Assets,
): Promise<string> {
  if (TemplateBody !== undefined) return TemplateBody;
  if (TemplateURL !== undefined) return assets.template(TemplateURL);
  if (UsePreviousTemplate === 'true' && current !== undefined) return current.text;
  throw new ServiceError('ValidationError', 'TemplateBody or TemplateURL must be given');
}

function parametersOf({ Parameters }: CreateChangeSet, current: StackInput | undefined): Record<string, string> {
  return Object.fromEntries(
    Parameters.flatMap(({ ParameterKey: key, ParameterValue, UsePreviousValue }) => {
      const value = UsePreviousValue === 'true' ? current?.definition.parameters[key] : ParameterValue;
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
