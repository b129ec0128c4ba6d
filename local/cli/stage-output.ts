import { statefulStackName } from '../../lib/stacks/outputs.ts';
import { CliError } from './errors.ts';
import { type LocalState, readLocalState } from './local-state.ts';
import { LOCAL_STAGE } from './start/system.ts';

/** A resource of a stage, by an output of its stateful stack. */
export interface StageOutput {
  readonly value: string;
  /** The local cloud that is up; absent for a stage in AWS, where credentials and region are found as by every AWS tool. */
  readonly local?: LocalState;
}

/** @throws CliError if no local cloud is up, or AWS has no such stack or output. */
export async function stageOutput(stage: string, key: string): Promise<StageOutput> {
  if (stage !== LOCAL_STAGE) return { value: await deployedOutput(stage, key) };
  const local = readLocalState();
  const value = local.stacks[statefulStackName(stage)]?.[key];
  if (value === undefined) throw new CliError(`The local cloud that is up has no output ${key}; start it anew`);
  return { value, local };
}

/** Loaded when needed: most uses are local. */
async function deployedOutput(stage: string, key: string): Promise<string> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient();
  const stack = statefulStackName(stage);
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks[0]?.Outputs ?? [];
    const value = outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    if (value !== undefined) return value;
    throw new CliError(`Stack ${stack} has no output ${key}: deploy stage ${stage} with this version first`);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Stage ${stage} cannot be found by its stack ${stack}: ${reason}`, { cause: error });
  } finally {
    client.destroy();
  }
}
