import type { ResourceTypes } from '../cloudformation/stack-resources.ts';
import { alarm } from './alarm.ts';
import { dynamodbTable } from './dynamodb-table.ts';
import { eventSourceMapping } from './event-source-mapping.ts';
import { httpApi, httpAuthorizer, httpIntegration, httpRoute, httpStage } from './http-api.ts';
import { ignoredTypes } from './ignored.ts';
import { kinesisStream } from './kinesis-stream.ts';
import { lambdaFunction } from './lambda-function.ts';
import { s3Bucket } from './s3-bucket.ts';
import type { Services } from './services.ts';
import { snsSubscription, snsTopic } from './sns.ts';
import { sqsQueue } from './sqs-queue.ts';

/** Every resource type that the local cloud knows. Any other is refused by its name. */
export const resourceTypes = (services: Services): ResourceTypes => ({
  ...ignoredTypes,
  'AWS::Kinesis::Stream': kinesisStream(services),
  'AWS::DynamoDB::Table': dynamodbTable(services),
  'AWS::SQS::Queue': sqsQueue(services),
  'AWS::S3::Bucket': s3Bucket(services),
  'AWS::SNS::Topic': snsTopic(services),
  'AWS::SNS::Subscription': snsSubscription(services),
  'AWS::Lambda::Function': lambdaFunction(services),
  'AWS::Lambda::EventSourceMapping': eventSourceMapping(services),
  'AWS::ApiGatewayV2::Api': httpApi(services),
  'AWS::ApiGatewayV2::Stage': httpStage(services),
  'AWS::ApiGatewayV2::Integration': httpIntegration(services),
  'AWS::ApiGatewayV2::Authorizer': httpAuthorizer(services),
  'AWS::ApiGatewayV2::Route': httpRoute(services),
  'AWS::CloudWatch::Alarm': alarm(services, 'metric'),
  'AWS::CloudWatch::CompositeAlarm': alarm(services, 'composite'),
});
