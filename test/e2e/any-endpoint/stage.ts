import { CloudFormationServiceException, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import {
  STATEFUL_OUTPUTS,
  STATELESS_OUTPUTS,
  statefulStackName,
  statelessStackName,
} from '../../../lib/stacks/outputs.ts';
import type { Clients } from './clients.ts';

/** What a deployed stage says of itself: the outputs of its stacks. */
export interface StageOutputs {
  readonly stream: string;
  readonly table: string;
  readonly deadLetters: string;
  readonly functionName: string;
  readonly mappingId: string;
  /** Undefined where the endpoint has no HTTP APIs. */
  readonly api: string | undefined;
}

/** The stacks of a stage, each after those that it depends on. */
export const stacksOf = (stage: string): readonly string[] => [statefulStackName(stage), statelessStackName(stage)];

/** A stack, or undefined if there is none. */
export async function findStack({ cloudformation }: Clients, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  } catch (error) {
    if (error instanceof CloudFormationServiceException && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** @throws if a stack or an output is missing, by its name. */
export async function readOutputs(clients: Clients, stage: string): Promise<StageOutputs> {
  const outputs = new Map<string, string>();
  for (const name of stacksOf(stage)) {
    const stack = await findStack(clients, name);
    if (stack === undefined) throw new Error(`there is no stack ${name}`);
    for (const { OutputKey, OutputValue } of stack.Outputs ?? []) outputs.set(OutputKey ?? '', OutputValue ?? '');
  }
  const of = (key: string): string => {
    const value = outputs.get(key);
    if (value) return value;
    throw new Error(`the stacks of stage ${stage} have no output ${key}; they have: ${[...outputs.keys()].join(', ')}`);
  };
  return {
    stream: of(STATEFUL_OUTPUTS.streamName('shop')),
    table: of(STATEFUL_OUTPUTS.tableName('profiles')),
    deadLetters: of(STATEFUL_OUTPUTS.deadLetterQueueUrl('profiles')),
    functionName: of(STATELESS_OUTPUTS.functionName('profiles')),
    mappingId: of(STATELESS_OUTPUTS.mappingId('profiles')),
    api: outputs.get(STATELESS_OUTPUTS.apiEndpoint) || undefined,
  };
}
