import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { supported } from '../../../../local/cloudformation/resource-type.ts';
import type { ResourceTypes } from '../../../../local/cloudformation/stack-resources.ts';
import { Assets } from '../../../../local/control-plane/assets.ts';
import { cloudFormationApi } from '../../../../local/control-plane/cloudformation.ts';
import { Stacks } from '../../../../local/control-plane/stacks.ts';
import { type Front, startServer } from '../../../../local/emulators/front.ts';

/** What the types below did, in their order. */
let done: string[];
let stacks: Stacks;
let server: Front;
let client: CloudFormationClient;
const faults: unknown[] = [];

const types: ResourceTypes = {
  'Test::Thing': supported({
    honoured: z.strictObject({ Name: z.string().optional(), Size: z.coerce.number().optional() }),
    ignored: { Tags: 'nobody reads them here' },
    create: async ({ Size = 1 }, { logicalId }) => {
      if (Size > 100) throw new Error(`${Size} is too large`);
      done.push(`make ${logicalId}`);
      return { ref: `ref-${logicalId}`, attributes: { Arn: `arn:${logicalId}` } };
    },
    update: {
      fixed: ['Name'],
      apply: async ({ Size }, physical, { logicalId }) => {
        done.push(`change ${logicalId} to ${Size}`);
        return physical;
      },
    },
    remove: async ({ ref }) => void done.push(`delete ${ref}`),
  }),
};

beforeEach(async () => {
  done = [];
  faults.length = 0;
  const environment = { region: 'us-east-1', accountId: '000000000000' };
  const edges = { types, environment, assetDirectory: () => '/nowhere' };
  stacks = new Stacks(edges, async () => undefined);
  const api = cloudFormationApi(stacks, new Assets(new S3Client({ region: 'us-east-1' })), (fault) =>
    faults.push(fault),
  );
  server = await startServer(api);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new CloudFormationClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});

afterEach(async () => {
  client.destroy();
  await server.close();
  expect(faults).toEqual([]);
});

const thing = (Properties: object = {}, rest: object = {}) => ({ Type: 'Test::Thing', Properties, ...rest });

/** Plans a change and, if it is one, carries it out. @returns the change set and the stack as they were then. */
async function deploy(StackName: string, template: object | string, ChangeSetType: 'CREATE' | 'UPDATE' = 'CREATE') {
  const TemplateBody = typeof template === 'string' ? template : JSON.stringify(template);
  const named = { StackName, ChangeSetName: 'changes' };
  await client.send(new CreateChangeSetCommand({ ...named, TemplateBody, ChangeSetType, Tags: [] }));
  const changeSet = await client.send(new DescribeChangeSetCommand(named));
  if (changeSet.Status === 'CREATE_COMPLETE') await client.send(new ExecuteChangeSetCommand(named));
  await stacks.idle();
  return { changeSet, stack: await describe1(StackName) };
}

async function describe1(StackName: string) {
  const { Stacks: found = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  return found[0];
}

const reasons = async (StackName: string) =>
  ((await client.send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? []).flatMap(
    ({ ResourceStatusReason }) => ResourceStatusReason ?? [],
  );

describe('CloudFormation of the local cloud', () => {
  test('makes a stack from YAML with parameters and conditions, and gives its outputs back to the letter', async () => {
    const template = `
Parameters:
  Wanted: { Type: String, Default: "no" }
Conditions:
  IsWanted: { Fn::Equals: [ "yes", { Ref: Wanted } ] }
Resources:
  Uses: { Type: Test::Thing, Properties: { Name: { Fn::GetAtt: [ Used, Arn ] } } }
  Used: { Type: Test::Thing }
  Never: { Type: Test::Thing, Condition: IsWanted }
Outputs:
  Text: { Value: "a <b> & \\"c\\"", Description: d, Export: { Name: exported } }
`;
    const { stack, changeSet } = await deploy('S', template);
    expect(changeSet.Changes?.map(({ ResourceChange }) => ResourceChange?.Action)).toEqual(['Add', 'Add', 'Add']);
    expect(stack).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Parameters: [{ ParameterKey: 'Wanted', ParameterValue: 'no' }],
      Outputs: [{ OutputKey: 'Text', OutputValue: 'a <b> & "c"', Description: 'd', ExportName: 'exported' }],
    });
    expect(done).toEqual(['make Used', 'make Uses']);
    const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName: 'S' }));
    expect(TemplateBody).toBe(template);
    const { StackResourceSummaries = [] } = await client.send(new ListStackResourcesCommand({ StackName: 'S' }));
    expect(StackResourceSummaries.map(({ PhysicalResourceId }) => PhysicalResourceId)).toEqual([
      'ref-Used',
      'ref-Uses',
    ]);
  });

  test('deletes what it made when a later resource fails, and says why', async () => {
    const template = {
      Resources: {
        A: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
        B: thing({}, { DeletionPolicy: 'Retain', DependsOn: 'A' }),
        C: thing({ Size: 101 }, { DependsOn: 'B' }),
      },
    };
    const { stack } = await deploy('S', template);
    expect(stack?.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(done).toEqual(['make A', 'make B', 'delete ref-A']);
    expect(await reasons('S')).toContain('101 is too large');
  });

  test('changes, makes and deletes what an update asks for, in that order, and leaves the rest alone', async () => {
    await deploy('S', { Resources: { Same: thing({ Size: 1 }), Grows: thing({ Size: 1 }), Goes: thing() } });
    done.length = 0;
    const after = { Resources: { Same: thing({ Size: 1, Tags: ['x'] }), Grows: thing({ Size: 2 }), Comes: thing() } };
    const { stack, changeSet } = await deploy('S', after, 'UPDATE');
    expect(stack?.StackStatus).toBe('UPDATE_COMPLETE');
    expect(done).toEqual(['change Grows to 2', 'make Comes', 'delete ref-Goes']);
    expect(changeSet.Changes).toHaveLength(4);
  });

  test('refuses an update that it cannot carry out by type and property, before anything changes', async () => {
    await deploy('S', { Resources: { A: thing({ Size: 1 }), B: thing({ Name: 'old' }) } });
    done.length = 0;
    const after = { Resources: { A: thing({ Size: 2 }), B: thing({ Name: 'new' }) } };
    const { stack } = await deploy('S', after, 'UPDATE');
    expect(stack).toMatchObject({
      StackStatus: 'UPDATE_ROLLBACK_COMPLETE',
      StackStatusReason: expect.stringMatching(/S\/B: update of Test::Thing \(Name\) is not supported/),
    });
    expect(done).toEqual([]);
  });

  test('a change set without changes fails in the words by which clients know it', async () => {
    const template = { Resources: { A: thing() } };
    await deploy('S', template);
    const { changeSet } = await deploy('S', template, 'UPDATE');
    expect(changeSet.Status).toBe('FAILED');
    expect(changeSet.StatusReason).toMatch(/^The submitted information didn't contain changes\./);
  });

  test('shows an operation from the moment on that it is asked for', async () => {
    const named = { StackName: 'S', ChangeSetName: 'changes' };
    const TemplateBody = JSON.stringify({ Resources: { A: thing() } });
    await client.send(new CreateChangeSetCommand({ ...named, TemplateBody, ChangeSetType: 'CREATE' }));
    stacks.execute(stacks.changeSet('changes', 'S'));
    expect(stacks.find('S').history.status).toBe('CREATE_IN_PROGRESS');
    await stacks.idle();
  });

  test('deletes a stack, but what its template retains', async () => {
    await deploy('S', { Resources: { Keeps: thing({}, { DeletionPolicy: 'Retain' }), Goes: thing() } });
    const { StackId = '' } = (await describe1('S')) ?? {};
    await client.send(new DeleteStackCommand({ StackName: 'S' }));
    await stacks.idle();
    expect(done).toEqual(['make Keeps', 'make Goes', 'delete ref-Goes']);
    await expect(describe1('S')).rejects.toThrow('Stack with id S does not exist');
    expect((await describe1(StackId))?.StackStatus).toBe('DELETE_COMPLETE');
  });

  test('does not delete a stack that is protected, or whose exports another one imports', async () => {
    const exporting = { Resources: { A: thing() }, Outputs: { A: { Value: { Ref: 'A' }, Export: { Name: 'S:A' } } } };
    await deploy('S', exporting);
    await deploy('T', { Resources: { B: thing({ Name: { 'Fn::ImportValue': 'S:A' } }) } });
    const remove = client.send(new DeleteStackCommand({ StackName: 'S' }));
    await expect(remove).rejects.toThrow('Export S:A cannot be deleted as it is in use by T');
    await client.send(new UpdateTerminationProtectionCommand({ StackName: 'T', EnableTerminationProtection: true }));
    await expect(client.send(new DeleteStackCommand({ StackName: 'T' }))).rejects.toThrow(/TerminationProtection/);
  });

  test.each([
    [
      'a type that it does not know',
      { Resources: { A: { Type: 'AWS::Redshift::Cluster' } } },
      /AWS::Redshift::Cluster/,
    ],
    ['an import that nobody exports', { Resources: { A: thing({ Name: { 'Fn::ImportValue': 'x' } }) } }, /exports x/],
  ])('%s fails the stack by name', async (_, template, reason) => {
    const { stack } = await deploy('S', template);
    expect(stack?.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(stack?.StackStatusReason).toMatch(reason);
  });

  test.each([
    ['a short form', 'Resources: { A: { Type: Test::Thing, Properties: { Name: !Ref B } } }', /long form/],
    ['a section', JSON.stringify({ Resources: {}, Transform: 'AWS::Serverless-2016-10-31' }), /Transform/],
  ])('%s that it does not read is refused with the change set', async (_, template, message) => {
    await expect(deploy('S', template)).rejects.toThrow(message);
  });
});
