import { type CfnResource, Validations } from 'aws-cdk-lib';
import type { ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { rules } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { DEAD_LETTER_PREFIX } from '../../lambdas/core/names.ts';

/**
 * Findings of cdk-nag that we looked at and accept, each with the reason that a security reviewer needs. They stand beside
 * the construct they are about, and name one finding each: anything new still fails the synth.
 */

/** A queue in which messages wait for a person. */
export function acknowledgeParkingQueue(queue: IConstruct): void {
  const reason =
    'This queue is itself where failed messages end: no consumer receives from it on its own, so none can fail on a message and a further dead-letter queue would stay empty. Messages are kept 14 days, and an alarm tells of the first.';
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason }, { id: 'Serverless-SQSRedrivePolicy', reason });
}

/** A stream with a customer managed key. */
export function acknowledgeCustomerManagedKey(stream: IConstruct): void {
  Validations.of(stream).acknowledge({
    id: 'AwsSolutions-KDS3',
    reason:
      'The rule prefers the free aws/kinesis key to save cost. Events hold personal data, so we want to decide by policy who may decrypt them, to audit each use and to be able to revoke it, none of which the AWS managed key allows.',
  });
}

/** A function that only an event source mapping invokes. */
export function acknowledgeSynchronousFunction(fn: IConstruct): void {
  Validations.of(fn).acknowledge({
    id: 'Serverless-LambdaDLQ',
    reason:
      'A dead-letter config concerns asynchronous invocations alone. The event source mapping invokes this function synchronously, and has an on-failure queue of its own for what it gives up.',
  });
}

/** A function that only API Gateway invokes. */
export function acknowledgeApiFunction(fn: IConstruct): void {
  Validations.of(fn).acknowledge({
    id: 'Serverless-LambdaDLQ',
    reason:
      'A dead-letter config concerns asynchronous invocations alone. API Gateway invokes this function synchronously and tells the client of every failure; it only reads, so a failed request leaves nothing behind.',
  });
}

/** The role of a processor: tracing, one prefix of one bucket, and perhaps the schemas of one registry. */
export function acknowledgeProcessorRole(role: Role, schemas?: string): void {
  acknowledgeTracing(role);
  acknowledgeResource(
    role,
    `/${DEAD_LETTER_PREFIX}*`,
    'Object keys are made at run time, so a wildcard after the prefix cannot be avoided. The only action is s3:PutObject: what is there can be neither read nor deleted, and versioning undoes an overwrite.',
  );
  if (schemas === undefined) return;
  acknowledgeResource(
    role,
    schemas,
    "Producers register schemas while the stage runs, so a wildcard after the stage's own registry cannot be avoided. The only action is glue:GetSchemaVersion, which reads.",
  );
}

/** A function whose owner does without traces. */
export function acknowledgeNoTracing(fn: IConstruct): void {
  Validations.of(fn).acknowledge({
    id: 'Serverless-LambdaTracing',
    reason:
      'The stage switches tracing off by its setting, which is a decision about cost and about what X-Ray may see. Metrics and logs tell of every failure without it.',
  });
}

/** The role of a function that is traced. */
export function acknowledgeTracing(role: Role): void {
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Only xray:PutTraceSegments and xray:PutTelemetryRecords (and, in a VPC, the calls that attach network interfaces) have this resource: the services offer no resource-level permissions for them. A test lists the actions.',
  });
}

const OPERATOR_WILDCARDS = [
  [
    `/${DEAD_LETTER_PREFIX}*`,
    'Object keys are made at run time, so a wildcard after the prefix cannot be avoided. The actions are s3:GetObject and s3:PutObject, for what a redrive reads and rejects; nothing can be deleted, and versioning undoes an overwrite.',
  ],
  [
    '-Stateful/*',
    "A stack's ARN ends with an id that changes when it is made anew. The only action is cloudformation:DescribeStacks, for the outputs by which tools find resources.",
  ],
  [
    '-Stateless/*',
    "A stack's ARN ends with an id that changes when it is made anew. The only action is cloudformation:DescribeStacks, for the outputs by which tools find resources.",
  ],
  [
    ':alarm:*',
    'Alarms have names that CloudFormation makes up. The only action is cloudwatch:DescribeAlarms, which reads states and texts without personal data.',
  ],
] as const;

/** The policy of somebody on call. */
export function acknowledgeOperator(policy: ManagedPolicy): void {
  Validations.of(policy).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Metrics and answers of log queries have no resources in IAM. The statements only read: cloudwatch:GetMetricData and ListMetrics, logs:GetQueryResults and StopQuery. A test lists the actions.',
  });
  const policyOf = () => policy.node.defaultChild as CfnResource;
  for (const [end, reason] of OPERATOR_WILDCARDS) acknowledgeFindings(policy, policyOf, end, reason);
}

/**
 * The finding's id holds the bucket's ARN as the template writes it, with the name of an export if the bucket lives in
 * another stack. CDK knows that only once it has resolved references between stacks, which it has when it validates.
 */
function acknowledgeResource(role: Role, end: string, reason: string): void {
  acknowledgeFindings(role, () => role.node.findChild('DefaultPolicy').node.defaultChild as CfnResource, end, reason);
}

function acknowledgeFindings(holder: IConstruct, policyOf: () => CfnResource, end: string, reason: string): void {
  holder.node.addValidation({
    validate: () => {
      const findings = rules.iam.IAMNoWildcardPermissions(policyOf());
      for (const finding of Array.isArray(findings) ? findings : []) {
        if (finding.endsWith(end)) Validations.of(holder).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
      }
      return [];
    },
  });
}
