import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { profiles } from '../../../lambdas/systems/profiles/system.ts';
import { STATEFUL_OUTPUTS } from '../../../lib/stacks/outputs.ts';
import { stageOutput } from '../stage-output.ts';
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
  const { value: name, local } = await stageOutput(stage, STATEFUL_OUTPUTS.tableName(profiles.name));
  if (local === undefined) return connection({}, name);
  const { endpoints, region } = local;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return connection({ endpoint: endpoints.dynamodb, region, credentials }, name);
}

function connection(config: DynamoDBClientConfig, name: string): Connection {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(config));
  return { client, name, [Symbol.dispose]: () => client.destroy() };
}
