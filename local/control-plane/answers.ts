import type { Output } from '../cloudformation/stack-resources.ts';
import type { ChangeSet } from './change-set.ts';
import type { StackEvent } from './history.ts';
import type { ManagedStack, StackInput } from './managed-stack.ts';
import type { Answer } from './query-protocol.ts';

/** Words by which clients recognise a change set that changes nothing. */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** What CloudFormation's API Reference calls Parameters: those with a value, defaults included. */
function parametersOf(input: StackInput | undefined): Answer[] {
  const { template, parameters } = input?.definition ?? {};
  return Object.entries(template?.Parameters ?? {}).flatMap(([key, { Default }]) => {
    const value = parameters?.[key] ?? Default;
    return value === undefined ? [] : [{ ParameterKey: key, ParameterValue: String(value) }];
  });
}

const outputOf = ({ key, value, description, exportName }: Output): Answer => ({
  OutputKey: key,
  OutputValue: value,
  Description: description,
  ExportName: exportName,
});

/** Stacks and what belongs to them as CloudFormation's answers have them. */
export const answerOf = {
  stack: (stack: ManagedStack): Answer => ({
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: stack.createdAt,
    LastUpdatedTime: stack.history.changedAt,
    StackStatus: stack.history.status,
    StackStatusReason: stack.history.reason,
    EnableTerminationProtection: stack.protectedFromDeletion,
    DisableRollback: false,
    Parameters: parametersOf(stack.input),
    Outputs: stack.outputList.map(outputOf),
    Tags: (stack.input?.tags ?? []).map(({ Key, Value }) => ({ Key, Value })),
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
  }),

  summary: ({ id, name, createdAt, history }: ManagedStack): Answer => ({
    StackId: id,
    StackName: name,
    CreationTime: createdAt,
    StackStatus: history.status,
    StackStatusReason: history.reason,
  }),

  event: ({ id, name }: ManagedStack, event: StackEvent): Answer => ({
    StackId: id,
    StackName: name,
    EventId: event.id,
    Timestamp: event.at,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
  }),

  resources: ({ id, name, resources, history }: ManagedStack): Answer[] =>
    [...resources.values()].map(({ logicalId, ref, type }) => {
      const last = history.events.findLast((event) => event.logicalId === logicalId);
      return {
        StackId: id,
        StackName: name,
        LogicalResourceId: logicalId,
        PhysicalResourceId: ref,
        ResourceType: type,
        ResourceStatus: last?.status ?? 'CREATE_COMPLETE',
        Timestamp: last?.at,
        LastUpdatedTimestamp: last?.at,
      };
    }),

  exports: ({ id, outputList }: ManagedStack): Answer[] =>
    outputList.flatMap(({ exportName, value }) =>
      exportName === undefined ? [] : [{ ExportingStackId: id, Name: exportName, Value: value }],
    ),

  changeSet: ({ id, name, stack, input, createdAt, changes, isEmpty }: ChangeSet): Answer => ({
    ChangeSetId: id,
    ChangeSetName: name,
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: createdAt,
    Status: isEmpty ? 'FAILED' : 'CREATE_COMPLETE',
    StatusReason: isEmpty ? NO_CHANGES : undefined,
    ExecutionStatus: isEmpty ? 'UNAVAILABLE' : 'AVAILABLE',
    Parameters: parametersOf(input),
    Changes: changes.map(({ action, logicalId, type, physicalId }) => ({
      Type: 'Resource',
      ResourceChange: {
        Action: action,
        LogicalResourceId: logicalId,
        PhysicalResourceId: physicalId,
        ResourceType: type,
        Replacement: action === 'Modify' ? 'False' : undefined,
      },
    })),
  }),
};
