import {
  type IgnoredType,
  type Physical,
  physicalName,
  type ResourceContext,
} from '../cloudformation/resource-type.ts';
import { ACCOUNT_ID } from '../emulators/emulators.ts';
import { arn, REASONS } from './services.ts';

/** Types that mean nothing on one machine, each with the reason. They are names and ARNs that others can refer to. */
export const ignoredTypes: Readonly<Record<string, IgnoredType>> = {
  'AWS::IAM::Role': ignored(REASONS.access, (context) => {
    const name = physicalName(context, 64);
    return { ref: name, attributes: { Arn: `arn:aws:iam::${ACCOUNT_ID}:role/${name}`, RoleId: name } };
  }),
  'AWS::IAM::Policy': ignored(REASONS.access),
  'AWS::IAM::ManagedPolicy': ignored(REASONS.access),
  'AWS::KMS::Key': ignored(REASONS.encryption, (context) => {
    const id = physicalName(context, 64);
    return { ref: id, attributes: { Arn: arn('kms', `key/${id}`), KeyId: id } };
  }),
  'AWS::KMS::Alias': ignored(REASONS.encryption),
  'AWS::Logs::LogGroup': ignored("a function's log is kept with the function", (context) => {
    const name = physicalName(context, 512);
    return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
  }),
  'AWS::Kinesis::ResourcePolicy': ignored(REASONS.access),
  'AWS::SQS::QueuePolicy': ignored(REASONS.access),
  'AWS::S3::BucketPolicy': ignored(REASONS.access),
  'AWS::SNS::TopicPolicy': ignored(REASONS.access),
  'AWS::Lambda::Permission': ignored(REASONS.access),
  'AWS::CloudWatch::Dashboard': ignored('there is no console to show it'),
  'AWS::Logs::QueryDefinition': ignored('there is no Logs Insights to run it'),
  'AWS::Glue::Registry': ignored(REASONS.registry, (context) => {
    const name = physicalName(context, 255);
    return { ref: name, attributes: { Arn: arn('glue', `registry/${name}`) } };
  }),
  'AWS::Glue::Schema': ignored(REASONS.registry, (context) => {
    const schema = arn('glue', `schema/${physicalName(context, 255)}`);
    return { ref: schema, attributes: { Arn: schema } };
  }),
  'AWS::Glue::SchemaVersion': ignored(REASONS.registry),
  'AWS::ECR::Repository': ignored('no containers run here'),
  'AWS::Budgets::Budget': ignored('nothing costs anything here'),
  'AWS::CDK::Metadata': ignored('it tells AWS which constructs a stack uses'),
};

function ignored(reason: string, identity: (context: ResourceContext) => Physical = named): IgnoredType {
  return { kind: 'ignored', reason, identity };
}

function named(context: ResourceContext): Physical {
  return { ref: physicalName(context, 255), attributes: {} };
}
