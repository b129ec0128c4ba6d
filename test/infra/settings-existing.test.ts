import { addStage } from '../../lib/stacks/stage.ts';
import { onTheirs, THEIRS } from './support/every-setting.ts';
import { statementsOf } from './support/policy.ts';
import { newApp, noCode, profilesRegistry, synthesize } from './support/synth.ts';

const theirs = synthesize(onTheirs);

describe('what is there already', () => {
  test('is used and not made', () => {
    const types = new Set(theirs.resources().map(({ type }) => type));
    for (const made of ['AWS::KMS::Key', 'AWS::Kinesis::Stream', 'AWS::Kinesis::ResourcePolicy', 'AWS::SNS::Topic']) {
      expect(types).not.toContain(made);
    }
    expect([...types].filter((type) => type.startsWith('AWS::EC2::'))).toEqual([]);
  });

  test('keys: theirs encrypt tables, queues, payloads and logs', () => {
    const keys = (type: string, key: (properties: never) => unknown) => [
      ...new Set(theirs.resources(type).map(({ properties }) => key(properties as never))),
    ];
    type Table = { SSESpecification: { KMSMasterKeyId: string } };
    expect(keys('AWS::DynamoDB::Table', (p: Table) => p.SSESpecification.KMSMasterKeyId)).toEqual([THEIRS.dataKey]);
    expect(keys('AWS::SQS::Queue', (p: { KmsMasterKeyId: string }) => p.KmsMasterKeyId)).toEqual([THEIRS.dataKey]);
    expect(keys('AWS::Logs::LogGroup', (p: { KmsKeyId: string }) => p.KmsKeyId)).toEqual([THEIRS.operationsKey]);
  });

  test('keys: the function uses that of their streams through Kinesis, and theirs for data through the other services', () => {
    const policy = theirs.one('AWS::IAM::Policy', 'Profiles/Function/Role/DefaultPolicy/Resource');
    const uses = statementsOf(theirs, policy)
      .filter(({ actions }) => actions.some((action) => action.startsWith('kms:')))
      .flatMap(({ resources, conditions }) =>
        resources.map((key) => `${key} ${conditions.StringEquals?.['kms:ViaService']?.[0]?.split('.')[0]}`),
      );
    expect([...new Set(uses)].sort()).toEqual(
      [
        ...['dynamodb', 's3', 'sqs'].map((service) => `${THEIRS.dataKey} ${service}`),
        `${THEIRS.streamKey} kinesis`,
      ].sort(),
    );
  });

  test('the bootstrap stack: both stacks are deployed through it', () => {
    const { stateful, stateless } = addStage(newApp(onTheirs), profilesRegistry, { code: noCode });
    const qualifiers = [stateful, stateless].map(({ synthesizer }) => synthesizer.bootstrapQualifier);
    expect(qualifiers).toEqual(['platform', 'platform']);
  });

  test('the topic: every alarm notifies it', () => {
    for (const { properties } of theirs.resources('AWS::CloudWatch::Alarm')) {
      expect(properties.AlarmActions).toEqual([THEIRS.topic]);
    }
  });

  test('the VPC: every function is in it and may attach itself', () => {
    const functions = theirs.resources('AWS::Lambda::Function');
    expect(functions).toHaveLength(2);
    for (const { properties } of functions) {
      expect(properties.VpcConfig).toEqual({ SubnetIds: THEIRS.subnets, SecurityGroupIds: THEIRS.securityGroups });
    }
    const attach = theirs
      .resources('AWS::IAM::Policy')
      .filter(({ properties }) => JSON.stringify(properties).includes('ec2:CreateNetworkInterface'));
    expect(attach).toHaveLength(2);
  });

  test('the boundary: every role is under it', () => {
    const roles = theirs.resources('AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(1);
    for (const { properties } of roles) expect(properties.PermissionsBoundary).toBe(THEIRS.boundary);
  });
});
