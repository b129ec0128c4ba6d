import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import { STATEFUL_OUTPUTS, statefulStackName } from '../../../lib/stacks/outputs.ts';
import { CliError } from '../errors.ts';
import { readLocalState } from '../local-state.ts';
import { LOCAL_STAGE } from '../start/system.ts';
import type { ProfilesTable } from './queries.ts';

/** A profiles table with the connections to it. */
export interface Connection extends ProfilesTable, Disposable {}

/**
 * The profiles table of a stage: of the local cloud that is up, or, for any other stage, in AWS, where credentials and region are found as by
 * every AWS tool and the table by the outputs of the stage's stack.
 *
 * @throws CliError if no local cloud is up, or AWS has no such stack.
 */
export async function connect(stage: string): Promise<Connection> {
  const output = STATEFUL_OUTPUTS.tableName(profiles.name);
  if (stage !== LOCAL_STAGE) return connection({}, await deployedOutput(stage, output));
  const { endpoints, region, stacks } = readLocalState();
  const name = stacks[statefulStackName(stage)]?.[output];
  if (name === undefined) throw new CliError(`The local cloud that is up has no output ${output}; start it anew`);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return connection({ endpoint: endpoints.dynamodb, region, credentials }, name);
}

function connection(config: DynamoDBClientConfig, name: string): Connection {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(config));
  return { client, name, [Symbol.dispose]: () => client.destroy() };
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
