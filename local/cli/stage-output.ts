import { statefulStackName, statelessStackName } from '../../lib/stacks/outputs.ts';
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

type Outputs = Readonly<Record<string, string>>;

/** All outputs of a stage's stacks, by key. */
export interface StageOutputs {
  readonly stage: string;
  readonly stateful: Outputs;
  readonly stateless: Outputs;
  /** As in StageOutput. */
  readonly local?: LocalState;
}

/** @throws CliError if no local cloud is up, or AWS has no such stack. */
export async function stageOutputs(stage: string): Promise<StageOutputs> {
  const names = [statefulStackName(stage), statelessStackName(stage)] as const;
  if (stage !== LOCAL_STAGE) {
    const [stateful, stateless] = await Promise.all([
      deployedOutputs(stage, names[0]),
      deployedOutputs(stage, names[1]),
    ]);
    return { stage, stateful, stateless };
  }
  const local = readLocalState();
  const [stateful = {}, stateless = {}] = names.map((name) => local.stacks[name]);
  return { stage, stateful, stateless, local };
}

async function deployedOutput(stage: string, key: string): Promise<string> {
  const stack = statefulStackName(stage);
  const value = (await deployedOutputs(stage, stack))[key];
  if (value !== undefined) return value;
  throw new CliError(`Stack ${stack} has no output ${key}: deploy stage ${stage} with this version first`);
}

/** Loaded when needed: most uses are local. */
async function deployedOutputs(stage: string, stack: string): Promise<Outputs> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient();
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Stage ${stage} cannot be found by its stack ${stack}: ${reason}`, { cause: error });
  } finally {
    client.destroy();
  }
}
