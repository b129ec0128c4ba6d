import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { IndexManifest, SystemManifest } from '../../lambdas/core/manifest.ts';
import { ATTRIBUTES } from '../../lambdas/core/names.ts';
import { useKeys } from './processor-policy.ts';

export interface AnalystPolicyProps {
  readonly system: SystemManifest;
  readonly table: ITable;
  /** Also what the manifest lists as personal, and the keys of rows in indexes. Default: false. */
  readonly personalData?: boolean;
}

/**
 * What an analyst may read of a system: named attributes of its indexes, and of a row whose key is known. Requests must name the attributes
 * that they want, so what a manifest does not list cannot be read, nor what belongs to the protocol. Scans are denied.
 */
export class AnalystPolicy extends ManagedPolicy {
  constructor(scope: Construct, id: string, { system, table, personalData = false }: AnalystPolicyProps) {
    const { attributes = [], personal = [] } = system.analysts ?? {};
    const readable = [...attributes, ...(personalData ? [...personal, ATTRIBUTES.key] : [])];
    const arnOf = (index: IndexManifest) => `${table.tableArn}/index/${index.name}`;
    super(scope, id, {
      description: `Read indexes and named attributes of ${system.name}`,
      statements: [
        read('ReadRowsByKey', ['dynamodb:GetItem'], table.tableArn, [...new Set([ATTRIBUTES.key, ...readable])]),
        ...system.indexes.flatMap((index) => {
          const named = [index.partitionKey, index.sortKey.name, ...index.projected, ATTRIBUTES.key];
          const allowed = named.filter((name) => readable.includes(name));
          const usable = readable.includes(index.partitionKey);
          return usable ? [read(undefined, ['dynamodb:Query'], arnOf(index), allowed)] : [];
        }),
        refuseScans([table.tableArn, ...system.indexes.map(arnOf)]),
        ...useKeys('dynamodb', ['kms:Decrypt'], [table.encryptionKey]),
      ],
    });
  }
}

/**
 * The conditions belong together (DynamoDB Developer Guide, "Using conditions"): a request for all attributes names none, and a set of none
 * is within any other.
 */
function read(sid: string | undefined, actions: string[], resource: string, attributes: string[]): PolicyStatement {
  return new PolicyStatement({
    ...(sid === undefined ? {} : { sid }),
    actions: [...actions, 'dynamodb:PartiQLSelect'],
    resources: [resource],
    conditions: {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
      StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      Null: { 'dynamodb:Attributes': 'false' },
    },
  });
}

/** A PartiQL statement that names no key reads the whole table, at its price. */
const refuseScans = (resources: string[]): PolicyStatement =>
  new PolicyStatement({
    sid: 'NoFullScans',
    effect: Effect.DENY,
    actions: ['dynamodb:PartiQLSelect'],
    resources,
    conditions: { Bool: { 'dynamodb:FullTableScan': 'true' } },
  });
