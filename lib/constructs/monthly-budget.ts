import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface MonthlyBudgetProps {
  /** US dollars a month. */
  readonly usd: number;
  /** Count only what bears this tag, once it is activated as a cost allocation tag. Default: everything in the account. */
  readonly tag?: { readonly key: string; readonly value: string };
  /** Is told. Must be in the budget's account. An imported topic must let Budgets publish by itself. */
  readonly topic: ITopic;
  /** Encrypts the topic. An imported key must let Budgets use it by itself. */
  readonly encryptionKey: IKey;
}

/** Percentages of the budget that somebody hears of. */
const ALERTS = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
] as const;

/** A monthly budget that tells a topic when most of it and all of it is spent, and when that is to be expected. It stops nothing. */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, { usd, tag, topic, encryptionKey }: MonthlyBudgetProps) {
    super(scope, id);
    letBudgetsNotify(topic, encryptionKey);
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: usd, unit: 'USD' },
        ...(tag === undefined ? {} : { costFilters: { TagKeyValue: [`user:${tag.key}$${tag.value}`] } }),
      },
      notificationsWithSubscribers: ALERTS.map((alert) => ({
        notification: { ...alert, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
        subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
      })),
    });
  }
}

/** As AWS's page on topics for budget notifications demands: the topic and its key must name the service, for this account alone. */
function letBudgetsNotify(topic: ITopic, encryptionKey: IKey): void {
  const budgets = Stack.of(topic).formatArn({
    service: 'budgets',
    region: '',
    resource: '*',
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
  const grant = {
    sid: 'BudgetNotifies',
    principals: [new ServicePrincipal('budgets.amazonaws.com')],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID }, ArnLike: { 'aws:SourceArn': budgets } },
  };
  topic.addToResourcePolicy(new PolicyStatement({ ...grant, actions: ['sns:Publish'], resources: [topic.topicArn] }));
  encryptionKey.addToResourcePolicy(
    new PolicyStatement({ ...grant, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] }),
  );
}
