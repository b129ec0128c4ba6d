import { ArnFormat, Aws, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { DataKey } from './data-key.ts';

export interface OperationsKeyProps {
  /** Default: retained. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The key for logs and alarm notifications, which AWS services write on their own: CloudWatch may use it to publish to an
 * encrypted topic, CloudWatch Logs for log groups of this account and region. It is apart from the key for data, so that
 * neither service can ever decrypt an event or a row.
 */
export class OperationsKey extends DataKey {
  constructor(scope: Construct, id: string, props: OperationsKeyProps = {}) {
    super(scope, id, { description: 'Logs and alarms of Millrace', ...props });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsNotify',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    const logGroups = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LogGroupsOfThisAccount',
        principals: [new ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
      }),
    );
  }
}
