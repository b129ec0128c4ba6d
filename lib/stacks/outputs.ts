/**
 * Names by which tools find a deployed stage: those of its stacks and of their outputs. Kept stable; nothing imports them as exports.
 * Free of CDK, so that a command line can read it without loading CDK.
 */

/** The CloudFormation stack that holds everything with data. */
export const statefulStackName = (stage: string): string => `Millrace-${stage}-Stateful`;

/** The CloudFormation stack that holds functions, mappings, alarms and dashboards. */
export const statelessStackName = (stage: string): string => `Millrace-${stage}-Stateless`;

/** Keys of the outputs of the stateful stack. */
export const STATEFUL_OUTPUTS = {
  streamName: (stream: string) => `${pascal(stream)}StreamName`,
  tableName: (system: string) => `${pascal(system)}TableName`,
  checkpointTableName: (system: string) => `${pascal(system)}CheckpointTableName`,
  deadLetterQueueUrl: (system: string) => `${pascal(system)}DeadLetterQueueUrl`,
  deadLetterBucketName: (system: string) => `${pascal(system)}DeadLetterBucketName`,
  onFailureQueueUrl: (system: string) => `${pascal(system)}OnFailureQueueUrl`,
  alertQueueUrl: (queue: string) => `${pascal(queue)}AlertQueueUrl`,
  alarmTopicArn: 'AlarmTopicArn',
  schemaRegistryName: 'SchemaRegistryName',
} as const;

/** Keys of the outputs of the stateless stack. */
export const STATELESS_OUTPUTS = {
  functionName: (system: string) => `${pascal(system)}FunctionName`,
  logGroupName: (system: string) => `${pascal(system)}LogGroupName`,
  mappingId: (system: string) => `${pascal(system)}MappingId`,
  /** Names of the saved queries of Logs Insights. */
  logQueries: (system: string) => `${pascal(system)}LogQueries`,
  apiEndpoint: 'ApiEndpoint',
  /** Of the function behind the REST API. */
  apiLogGroupName: 'ApiLogGroupName',
  producerPolicyArn: (stream: string) => `${pascal(stream)}ProducerPolicyArn`,
  analystPolicyArn: (system: string) => `${pascal(system)}AnalystPolicyArn`,
  operatorPolicyArn: (system: string) => `${pascal(system)}OperatorPolicyArn`,
} as const;

/** `profile-updates` to `ProfileUpdates`: the form of construct ids and output keys. */
export function pascal(kebab: string): string {
  return kebab
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
