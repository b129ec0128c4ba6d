import { Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { addStage } from '../../lib/stacks/stage.ts';
import { onOurs, onTheirs } from './support/every-setting.ts';
import { newApp, noCode, realRegistry } from './support/synth.ts';

/** What both packs find in an app that is already synthesized, and so has its references resolved. */
function findings(app: ReturnType<typeof newApp>): string[] {
  return [new AwsSolutionsChecks(app), new ServerlessChecks(app)].flatMap((pack) =>
    pack.validateScope(app).violations.map((violation) => violation.ruleName),
  );
}

test.each([
  ['local', { stage: 'local' }],
  ['dev', { stage: 'dev' }],
  ['prod', { stage: 'prod' }],
  ['a stage on the resources of somebody else', onTheirs],
  ['a stage with all settings about its own', onOurs],
])('CDK and cdk-nag find nothing in %s that we have not answered for', (_, context) => {
  const app = newApp(context);
  addStage(app, realRegistry, { code: noCode });
  app.synth();
  expect(findings(app)).toEqual([]);
});

test('what nobody answered for fails the synth', () => {
  const app = newApp({ stage: 'prod' });
  const { stateless } = addStage(app, realRegistry, { code: noCode });
  new Queue(stateless, 'Careless');
  const role = new Role(stateless, 'Greedy', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
  const problem = problemOf(() => app.synth());
  expect(problem).toContain('AwsSolutions-SQS4');
  expect(problem).toContain('AwsSolutions-IAM5[Action::s3:*]');
  expect(problem).toContain('AwsSolutions-IAM5[Resource::*]');
  expect(problem).toContain('Serverless-SQSRedrivePolicy');
});

function problemOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return 'no problem';
}

test('every acknowledgement has a reason that one can weigh', () => {
  const app = newApp({ stage: 'prod' });
  addStage(app, realRegistry, { code: noCode });
  app.synth();
  const acknowledged = app.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
  const rules = [...new Set(acknowledged.map(([id]) => id.replace(/^\w+::/, '').replace(/\[.*/, '')))].sort();
  expect(rules).toEqual([
    'AwsSolutions-IAM5',
    'AwsSolutions-KDS3',
    'AwsSolutions-SQS3',
    'Serverless-LambdaDLQ',
    'Serverless-SQSRedrivePolicy',
  ]);
  for (const [, reason] of acknowledged) expect(reason.length).toBeGreaterThan(80);
});
