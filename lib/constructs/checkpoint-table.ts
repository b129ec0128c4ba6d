import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { CHECKPOINT_ATTRIBUTES } from '../../lambdas/core/names.ts';
import { protectedTable, type TableProtection } from './state-table.ts';

/**
 * The checkpoints of one system: an item says that every effect of an invocation was accepted. Items expire.
 * Losing the table loses no event: effects without a checkpoint are sent again, under the same ids.
 */
export class CheckpointTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, props: TableProtection = {}) {
    super(scope, id);
    const { key, expiresAt } = CHECKPOINT_ATTRIBUTES;
    this.table = protectedTable(this, key, props, { timeToLiveAttribute: expiresAt }) as ITable;
  }
}
