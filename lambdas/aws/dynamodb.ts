import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import type { WireItem } from './attribute-values.ts';

/** What the adapters say to DynamoDB; items in its own JSON (attribute-values.ts). Members are those of its API Reference. */
export interface Operations {
  readonly BatchGetItem: {
    readonly input: { readonly RequestItems: Readonly<Record<string, KeysOfTable>> };
    readonly output: {
      readonly Responses?: Readonly<Record<string, readonly WireItem[]>>;
      readonly UnprocessedKeys?: Readonly<Record<string, KeysOfTable>>;
    };
  };
  readonly PutItem: { readonly input: OnTable & Conditional & { readonly Item: WireItem }; readonly output: object };
  readonly UpdateItem: {
    readonly input: OnTable &
      Conditional & {
        readonly Key: WireItem;
        readonly UpdateExpression: string;
        readonly ReturnValues?: 'UPDATED_NEW';
      };
    readonly output: { readonly Attributes?: WireItem };
  };
  readonly DeleteItem: { readonly input: OnTable & { readonly Key: WireItem }; readonly output: object };
}

interface OnTable {
  readonly TableName: string;
}

interface Conditional {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: WireItem;
}

interface KeysOfTable {
  readonly Keys: readonly WireItem[];
  readonly ConsistentRead?: boolean;
}

/** One request, never repeated. Throws DynamoDbError for what DynamoDB refuses, and what the network throws. */
export type DynamoDb = <Name extends keyof Operations>(
  operation: Name,
  input: Operations[Name]['input'],
  signal: AbortSignal,
) => Promise<Operations[Name]['output']>;

/** An answer that is no success, as the SDK's exceptions have it: the service's code is the name. */
export class DynamoDbError extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined };

  constructor(name: string, message: string, httpStatusCode: number, requestId: string | undefined) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode, requestId };
  }
}

export interface DynamoDbSettings {
  readonly region: string;
  /** URL without a path. */
  readonly endpoint: string;
  readonly credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials'];
  readonly requestHandler: NodeHttpHandler;
}

const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** The version of DynamoDB's API, which is part of every operation's name. */
const API_VERSION = 'DynamoDB_20120810';

/**
 * DynamoDB's JSON protocol over the SDK's own signer and HTTP handler, without the client between them: its twenty steps of middleware
 * cost more CPU than the rest of a put together (docs/performance.md), and a processor's invocation is little else than puts.
 */
export function dynamoDb({ region, endpoint, credentials, requestHandler }: DynamoDbSettings): DynamoDb {
  const signer = new SignatureV4({ service: 'dynamodb', region, credentials, sha256: Sha256 });
  const { protocol, hostname, port, host } = new URL(endpoint);
  const where = {
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    method: 'POST',
    path: '/',
    query: {},
  };
  return async (operation, input, signal) => {
    const body = Buffer.from(JSON.stringify(input));
    const headers = {
      host,
      'content-type': CONTENT_TYPE,
      'content-length': String(body.length),
      'x-amz-target': `${API_VERSION}.${operation}`,
    };
    const signed = await signer.sign({ ...where, headers, body });
    const { response } = await requestHandler.handle(signed as Parameters<NodeHttpHandler['handle']>[0], {
      abortSignal: signal,
    });
    const text = await textOf(response.body as IncomingMessage);
    if (response.statusCode === 200) return JSON.parse(text);
    throw errorOf(response.statusCode, text, response.headers['x-amzn-requestid']);
  };
}

/** The names of errors are prefixed: `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`. */
function errorOf(status: number, text: string, requestId: string | undefined): DynamoDbError {
  const { __type: type, message, Message } = parsed(text);
  const name = typeof type === 'string' ? type.slice(type.indexOf('#') + 1) : 'UnknownError';
  const said = [message, Message].find((one) => typeof one === 'string') ?? `DynamoDB answered HTTP status ${status}`;
  return new DynamoDbError(name, String(said), status, requestId);
}

/** Proxies and load balancers in trouble answer what is no JSON: then the status says all there is to say. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

function textOf(body: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    body.setEncoding('utf8');
    body.on('data', (part: string) => {
      text += part;
    });
    body.on('end', () => resolve(text));
    body.on('error', reject);
  });
}

/** What the signer wants of a hash. */
class Sha256 {
  #hash: Hash | Hmac;
  readonly #secret: Uint8Array | undefined;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret);
    this.#hash = this.#start();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}

function bytesOf(secret: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof secret === 'string') return Buffer.from(secret);
  if (secret instanceof ArrayBuffer) return new Uint8Array(secret);
  return new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength);
}
