import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
  type TableOptions,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { IndexManifest } from '../../lambdas/core/manifest.ts';
import { ATTRIBUTES } from '../../lambdas/core/names.ts';
import { given } from '../given.ts';
import { DataKey } from './data-key.ts';

/** How a table's data survives mistakes, alike for every table. */
export interface TableProtection {
  /** Default: a key of the table's own. */
  readonly encryptionKey?: IKey;
  /** Days to which the table can be restored, 1 to 35. Default: 35. */
  readonly recoveryDays?: number;
  /** The table refuses deletion. Default: true. */
  readonly deletionProtection?: boolean;
  /** Default: retained. */
  readonly removalPolicy?: RemovalPolicy;
  /** Physical name. Default: CloudFormation chooses. */
  readonly tableName?: string;
}

export interface StateTableProps extends TableProtection {
  /** Default: none. */
  readonly indexes?: readonly IndexManifest[];
}

/**
 * The rows of one system: one row per key, written by conditional puts alone.
 * An index projects only what its manifest names, since each put that changes a projected attribute pays for it.
 */
export class StateTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, props: StateTableProps = {}) {
    super(scope, id);
    const table = protectedTable(this, ATTRIBUTES.key, props);
    for (const index of props.indexes ?? []) {
      const { name, type } = index.sortKey;
      table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
        sortKey: { name, type: type === 'number' ? AttributeType.NUMBER : AttributeType.STRING },
        ...(index.projected.length === 0
          ? { projectionType: ProjectionType.KEYS_ONLY }
          : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...index.projected] }),
      });
    }
    this.table = table as ITable;
  }
}

/** A table that is paid per request, restorable to any second of the last days, encrypted with a customer managed key and protected from deletion. */
export function protectedTable(
  scope: Construct,
  partitionKey: string,
  props: TableProtection,
  options: Pick<TableOptions, 'timeToLiveAttribute'> = {},
): Table {
  const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
  const { id } = scope.node;
  return new Table(scope, 'Table', {
    ...options,
    ...given<{ tableName: string }>({ tableName: props.tableName }),
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: props.encryptionKey ?? new DataKey(scope, 'Key', { description: `Rows of ${id}`, removalPolicy }),
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: props.recoveryDays ?? 35,
    },
    deletionProtection: props.deletionProtection ?? true,
    removalPolicy,
  });
}
