import type { IncomingHttpHeaders } from 'node:http';

/** Services that sign under another name than this gateway's, or under several. */
const TARGETS: Readonly<Record<string, string>> = {
  AmazonSQS: 'sqs',
  Kinesis_20131202: 'kinesis',
  DynamoDB_20120810: 'dynamodb',
  AmazonSSM: 'ssm',
  GraniteServiceVersion20100801: 'monitoring',
  Logs_20140328: 'logs',
};

/** `AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/sqs/aws4_request, …`; presigned URLs carry the credential in their query. */
const SCOPE =
  /(?:Credential=|X-Amz-Credential=)[^/%]+(?:\/|%2F)\d{8}(?:\/|%2F)[\w-]+(?:\/|%2F)([\w-]+)(?:\/|%2F)aws4_request/;

/**
 * The service that a request is meant for, by the name under which its clients sign (`cloudformation`, `monitoring`): of its
 * signature, else of its operation's target, else of its path. What is left is S3, which alone takes unsigned requests.
 */
export function serviceOf(headers: IncomingHttpHeaders, url: string): string {
  const signed = SCOPE.exec(headers.authorization ?? '') ?? SCOPE.exec(url);
  if (signed?.[1] !== undefined) return signed[1];
  const target = headers['x-amz-target'];
  const prefix = typeof target === 'string' ? target.split('.')[0] : undefined;
  if (prefix !== undefined) return TARGETS[prefix] ?? prefix;
  return url.startsWith('/2015-03-31/') ? 'lambda' : 's3';
}
