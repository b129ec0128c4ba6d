import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CliError } from '../errors.ts';
import type { LocalState } from '../local-state.ts';

/** The services of a stage that commands for on-call ask. Each client is made when it is first wanted. */
export interface StageClients extends Disposable {
  readonly kinesis: KinesisClient;
  readonly lambda: LambdaClient;
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly sqs: SQSClient;
  readonly documents: DynamoDBDocumentClient;
}

type Service = keyof LocalState['endpoints'];

/**
 * @param local the local cloud that is up; absent: AWS, with credentials and region found as by every AWS tool.
 */
export const stageClients = (local?: LocalState): StageClients => new Clients(local);

class Clients implements StageClients {
  readonly #local: LocalState | undefined;
  readonly #made = new Map<Service, { destroy(): void }>();

  constructor(local: LocalState | undefined) {
    this.#local = local;
  }

  get kinesis(): KinesisClient {
    return this.#client('kinesis', (config) => new KinesisClient(config));
  }

  /** @throws CliError if the local cloud that is up has no such endpoint. */
  get lambda(): LambdaClient {
    return this.#client('lambda', (config) => new LambdaClient(config));
  }

  /** @throws CliError if the local cloud that is up has no such endpoint. */
  get cloudwatch(): CloudWatchClient {
    return this.#client('cloudwatch', (config) => new CloudWatchClient(config));
  }

  /** @throws CliError if the local cloud that is up has no such endpoint. */
  get logs(): CloudWatchLogsClient {
    return this.#client('logs', (config) => new CloudWatchLogsClient(config));
  }

  get sqs(): SQSClient {
    return this.#client('sqs', (config) => new SQSClient(config));
  }

  get documents(): DynamoDBDocumentClient {
    return this.#client('dynamodb', (config) => DynamoDBDocumentClient.from(new DynamoDBClient(config)));
  }

  [Symbol.dispose](): void {
    for (const client of this.#made.values()) client.destroy();
  }

  #client<T extends { destroy(): void }>(service: Service, make: (config: Config) => T): T {
    const client = (this.#made.get(service) as T | undefined) ?? make(this.#config(service));
    this.#made.set(service, client);
    return client;
  }

  #config(service: Service): Config {
    // A command that somebody waits for says soon that nobody answers, and the local Kinesis speaks no HTTP/2.
    const requestHandler = new NodeHttpHandler({
      connectionTimeout: 5_000,
      requestTimeout: 15_000,
      throwOnRequestTimeout: true,
    });
    const common = { maxAttempts: 2, requestHandler };
    if (this.#local === undefined) return common;
    const { region, endpoints } = this.#local;
    const endpoint = endpoints[service];
    if (endpoint === undefined)
      throw new CliError(`The local cloud that is up has no endpoint ${service}; start it anew`);
    return { ...common, region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  }
}

interface Config {
  readonly maxAttempts: number;
  readonly requestHandler: NodeHttpHandler;
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
