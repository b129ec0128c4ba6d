import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { type Account, startAccount } from '../../../local/account.ts';
import { readAssembly } from '../../../local/cloudformation/assembly.ts';
import { deploy, type Stack } from '../../../local/cloudformation/deploy.ts';
import { ACCOUNT_ID, REGION } from '../../../local/emulators/emulators.ts';
import { replaceOnly } from '../../../local/resources/services.ts';
import { resourceTypes } from '../../../local/resources/types.ts';
import { Teardown } from '../../../local/teardown.ts';
import type { Trouble } from '../../../local/trouble.ts';
import { type AssemblyFixture, writeAssembly } from '../../support/assembly.ts';
import { until } from '../../support/until.ts';

/** Says which record it saw, and by which version of its settings. */
const CODE = `export const handler = async ({ Records }) => {
  for (const { kinesis } of Records) console.log('saw', kinesis.partitionKey, 'by', process.env.VERSION);
};`;

const template = {
  Resources: {
    Stream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 2 } },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
        Handler: 'index.handler',
        Runtime: `nodejs${process.versions.node.split('.')[0]}.x`,
        Environment: { Variables: { VERSION: '1' } },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
        FunctionName: { Ref: 'Function' },
        StartingPosition: 'TRIM_HORIZON',
      },
    },
  },
};

describe('what runs of the stacks', () => {
  const teardown = new Teardown();
  const troubles: Trouble[] = [];
  let code: string;
  let assembly: AssemblyFixture;
  let account: Account;
  let stacks: readonly Stack[];

  beforeAll(async () => {
    code = mkdtempSync(join(tmpdir(), 'millrace-code-'));
    writeFileSync(join(code, 'index.mjs'), CODE);
    assembly = writeAssembly({ S: { template } }, { 'code.zip': code });
    const environment = { region: REGION, accountId: ACCOUNT_ID };
    const options = {
      engine: { pollIntervalMs: 20, shardListIntervalMs: 50 },
      onTrouble: (trouble: Trouble) => troubles.push(trouble),
    };
    account = await startAccount(options, teardown, (services) =>
      deploy(readAssembly(assembly.directory), resourceTypes(services), environment),
    );
    stacks = account.stacks;
  });

  afterAll(async () => {
    await teardown.run();
    assembly[Symbol.dispose]();
    rmSync(code, { recursive: true });
    expect(troubles).toEqual([]);
  });

  /** What the function has said so far. */
  const saw = (): readonly string[] => {
    const [fn] = account.workloads.functions.values();
    return (fn?.logs() ?? []).flatMap(({ text }) => /saw .*/.exec(text)?.[0].trim() ?? []);
  };

  async function put(keys: readonly string[]): Promise<void> {
    const StreamName = stacks[0]?.resources.get('Stream')?.ref ?? '';
    const Records = keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from('x') }));
    await account.clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  }

  test('goes on with new settings where it was: no record is seen again, none is missed', async () => {
    const { services, workloads } = account;
    const before = ['a', 'b', 'c', 'd'];
    await put(before);
    await until(() => saw().length >= before.length);
    const [mapping] = workloads.mappings;
    await mapping?.drained(Date.now());
    replaceOnly(
      services.mappings,
      () => true,
      (old) => ({ ...old, settings: { ...old.settings, batchSize: 7 } }),
    );
    replaceOnly(
      services.functions,
      () => true,
      (old) => ({ ...old, environment: { VERSION: '2' } }),
    );
    await workloads.reconcile(stacks);
    const after = ['e', 'f', 'g', 'h'];
    await put(after);
    await until(() => saw().length >= before.length + after.length);
    await workloads.mappings[0]?.drained(Date.now());
    expect(workloads.mappings.map(({ definition }) => definition.settings.batchSize)).toEqual([7]);
    expect(saw().toSorted()).toEqual([
      ...before.map((key) => `saw ${key} by 1`),
      ...after.map((key) => `saw ${key} by 2`),
    ]);
  });

  test('leaves alone what has not changed', async () => {
    const { workloads } = account;
    const before = [...workloads.mappings, ...workloads.functions.values()];
    await workloads.reconcile(stacks);
    expect([...workloads.mappings, ...workloads.functions.values()]).toEqual(before);
  });

  test('a mapping that is changed by hand goes on where it was, and refuses what cannot be', async () => {
    const { workloads } = account;
    const settings = () => workloads.mappings.map(({ definition }) => definition.settings);
    const uuid = workloads.mappings[0]?.uuid ?? '';
    const seen = saw();
    await expect(workloads.change(uuid, { settings: { batchSize: 0 } })).rejects.toThrow(/batchSize is 0/);
    const onFailure = 'arn:aws:sqs:us-east-1:000000000000:nobody';
    await expect(workloads.change(uuid, { settings: {}, onFailure })).rejects.toThrow(/nobody/);
    await workloads.change(uuid, { settings: { batchSize: 3 } });
    await put(['i']);
    await until(() => saw().length > seen.length);
    await workloads.mappings[0]?.drained(Date.now());
    expect(saw()).toEqual([...seen, 'saw i by 2']);
    expect(settings()).toMatchObject([{ uuid, batchSize: 3 }]);
  });

  test('names the function that a mapping misses', async () => {
    const { services, workloads } = account;
    const [fn] = services.functions;
    const [mapping] = services.mappings;
    if (mapping === undefined || fn === undefined) throw new Error('the stack has both');
    const settings = { ...mapping.settings, uuid: 'another', functionArn: `${fn.arn}-gone` };
    services.mappings.push({ ...mapping, settings });
    await expect(workloads.reconcile(stacks)).rejects.toThrow(`S/Mapping: no stack has the function ${fn.arn}-gone`);
    services.mappings.pop();
  });

  test('ends with its resources', async () => {
    const { services, workloads } = account;
    services.mappings.length = 0;
    services.functions.length = 0;
    await workloads.reconcile(stacks);
    expect([workloads.mappings.length, workloads.functions.size]).toEqual([0, 0]);
  });
});
