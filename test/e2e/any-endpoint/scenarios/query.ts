import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';
import { SEGMENT_INDEX } from '../../../../lambdas/systems/profiles/system.ts';
import { entryOf, purchased, put } from '../events.ts';
import { eventually } from '../wait.ts';
import { PATIENCE_SECONDS, type Scenario, type World } from '../world.ts';
import { untilRow } from './fold.ts';

export const queryIndex: Scenario = {
  name: 'a profile is found by its segment in the index',
  run: async (world) => {
    const user = `${world.run}-edsger`;
    await put(world, [entryOf(purchased(user, 'index-1', 6_000))]);
    const { segmentShard } = await untilRow(
      world,
      user,
      `profile of ${user} in a segment`,
      (row) => 'segmentShard' in row,
    );
    await eventually({
      what: `${user} in the index ${SEGMENT_INDEX.name}`,
      seconds: PATIENCE_SECONDS,
      signal: world.signal,
      probe: async () => ((await usersOfShard(world, String(segmentShard))).includes(user) ? true : undefined),
    });
    return undefined;
  },
};

async function usersOfShard({ clients, outputs, signal }: World, shard: string): Promise<readonly unknown[]> {
  const command = new QueryCommand({
    TableName: outputs.table,
    IndexName: SEGMENT_INDEX.name,
    KeyConditionExpression: '#shard = :shard',
    ExpressionAttributeNames: { '#shard': SEGMENT_INDEX.partitionKey },
    ExpressionAttributeValues: { ':shard': shard },
    ScanIndexForward: false,
  });
  return ((await clients.documents.send(command, { abortSignal: signal })).Items ?? []).map(({ id }) => id);
}

export const queryRest: Scenario = {
  name: 'the REST API answers a signed request for a profile, and 404 for none',
  run: async (world) => {
    if (world.outputs.api === undefined) return { lacks: 'HTTP APIs: no ApiEndpoint among the outputs of the stacks' };
    const user = `${world.run}-barbara`;
    await put(world, [entryOf(purchased(user, 'rest-1', 300))]);
    await untilRow(world, user, `profile of ${user}`, () => true);
    const found = await ask(world, world.outputs.api, `/profiles/${user}?consistent=true`);
    if (found === undefined) return { lacks: `HTTP APIs: nothing answers at ${world.outputs.api}` };
    const { id }: { id?: string } = found.status === 200 ? JSON.parse(found.body) : {};
    if (id !== user) throw new Error(`GET /profiles/${user} answered ${found.status}: ${found.body}`);
    const missing = await ask(world, world.outputs.api, `/profiles/${user}-nobody`);
    if (missing?.status !== 404) throw new Error(`a profile that is not there was answered with ${missing?.status}`);
    return undefined;
  },
};

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Undefined if the host cannot be reached at all, as that of an API which an emulator only pretends to make. */
async function ask({ clients, signal }: World, endpoint: string, path: string): Promise<Answer | undefined> {
  const url = new URL(endpoint + path);
  const { region, credentials, sha256 } = clients.cloudformation.config;
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256 });
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host },
  });
  try {
    const response = await fetch(url, { headers, signal });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ECONNREFUSED' || code === 'EAI_AGAIN') return undefined;
    throw error;
  }
}
