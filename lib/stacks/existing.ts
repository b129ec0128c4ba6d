import { Annotations, Duration } from 'aws-cdk-lib';
import { type ISubnet, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal, ArnPrincipal, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { StreamManifest } from '../../lambdas/core/manifest.ts';
import type { Settings } from '../config.ts';
import type { EventSource } from '../constructs/event-stream.ts';
import type { Network } from '../constructs/processor-props.ts';

/** What settings name by ARN or id, as constructs take it. Nothing is looked up in an account. */

type ExistingStream = NonNullable<Settings['existingStreams']>[string];

/** A stream of somebody else under the logical name of the registry. */
export function existingStream(
  scope: Construct,
  id: string,
  { name, kplProducers, adapter }: StreamManifest,
  { arn, retentionHours, keyArn }: ExistingStream,
): EventSource {
  const encryptionKey = keyArn === undefined ? {} : { encryptionKey: existingKey(scope, `${id}Key`, keyArn) };
  return {
    stream: Stream.fromStreamAttributes(scope, id, { streamArn: arn, ...encryptionKey }),
    logicalName: name,
    retention: Duration.hours(retentionHours),
    kplProducers,
    ...(adapter === undefined ? {} : { adapter }),
  };
}

export const existingKey = (scope: Construct, id: string, arn: string): IKey => Key.fromKeyArn(scope, id, arn);

/** The stage's VPC with its subnets and security groups; undefined if it has none. */
export function network(
  scope: Construct,
  { vpcId, subnetIds = [], securityGroupIds = [] }: Settings,
): Network | undefined {
  if (vpcId === undefined) return undefined;
  return {
    // CDK wants a zone to choose subnets by, and these are chosen.
    vpc: Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: ['any'] }),
    subnets: { subnets: subnetIds.map((id) => subnet(scope, id)) },
    securityGroups: securityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id)),
  };
}

function subnet(scope: Construct, id: string): ISubnet {
  const imported = Subnet.fromSubnetId(scope, id, id);
  Annotations.of(imported).acknowledgeWarning(
    '@aws-cdk/aws-ec2:noSubnetRouteTableId',
    'Functions are attached to the subnet; nothing here routes in it.',
  );
  return imported;
}

/** An account by its id, or a role or user by its ARN. */
export const principal = (id: string): IPrincipal =>
  id.startsWith('arn:') ? new ArnPrincipal(id) : new AccountPrincipal(id);
