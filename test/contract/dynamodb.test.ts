import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import fc from 'fast-check';
import { fromWire, toWire } from '../../lambdas/aws/attribute-values.ts';
import { credentialsIn, dynamoDbEndpointIn } from '../../lambdas/aws/aws-environment.ts';
import { DynamoDbError, dynamoDb } from '../../lambdas/aws/dynamodb.ts';
import { type ApiRequest, startFront } from '../../local/emulators/front.ts';
import { type LocalAws, localAws } from '../support/aws.ts';

let aws: LocalAws;
let table: string;
beforeAll(async () => {
  aws = await localAws();
  table = await aws.createTable('items');
});
afterAll(() => aws.stop());

const signal = new AbortController().signal;

/** Numbers that DynamoDB holds: from 1e-130 to below 1e126. */
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((n) => (Math.abs(n) < 1e-100 ? 0 : n)),
);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
const beyond = fc.bigInt({ min: 2n ** 53n, max: 10n ** 38n - 1n });
const set = fc.oneof(
  fc.uniqueArray(text, { minLength: 1, maxLength: 4 }),
  fc.uniqueArray(fc.maxSafeInteger(), { minLength: 1, maxLength: 4 }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    number,
    bytes,
    beyond,
    fc.boolean(),
    fc.constant(null),
    set.map((members) => new Set<unknown>(members)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const item = fc.dictionary(text, value, { maxKeys: 6, noNullPrototype: true }).map((attributes) => ({
  ...attributes,
  id: 'one',
}));

/** Sets come back in an order of DynamoDB's own; -0 comes back as 0. */
const plain = (one: unknown): unknown =>
  JSON.parse(
    JSON.stringify(one, (_, part: unknown) => {
      if (part instanceof Set) return { set: [...part].map(String).sort() };
      if (part instanceof Uint8Array) return { bytes: Buffer.from(part).toString('hex') };
      return typeof part === 'bigint' ? { bigint: String(part) } : part;
    }),
  );

describe('an item', () => {
  test('is what the document client reads, whatever it holds, and what it writes is read', async () => {
    await fc.assert(
      fc.asyncProperty(item, async (one) => {
        await aws.dynamodb('PutItem', { TableName: table, Item: toWire(one) }, signal);
        const { Item } = await aws.documents.send(new GetCommand({ TableName: table, Key: { id: 'one' } }));
        expect(plain(Item)).toEqual(plain(one));
        await aws.documents.send(new PutCommand({ TableName: table, Item: one }));
        const request = { [table]: { Keys: [toWire({ id: 'one' })], ConsistentRead: true } };
        const { Responses } = await aws.dynamodb('BatchGetItem', { RequestItems: request }, signal);
        expect((Responses?.[table] ?? []).map((found) => plain(fromWire(found)))).toEqual([plain(one)]);
      }),
      { numRuns: 60 },
    );
  });

  test('leaves out what is undefined', () => {
    expect(toWire({ a: undefined, b: { c: undefined, d: 1 } })).toEqual({ b: { M: { d: { N: '1' } } } });
  });

  test.each([
    ['a number that is none', Number.NaN],
    ['an integer that is not exact', 2 ** 53],
    ['a date', new Date(0)],
    ['a function', () => 1],
    ['an empty set', new Set()],
    ['a set of several types', new Set([1, 'two'])],
    ['undefined in a list', [undefined]],
  ])('cannot hold %s', (_, what) => {
    expect(() => toWire({ what })).toThrow(/DynamoDB (cannot store|stores)/);
  });
});

describe('a request', () => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'a-token' };

  /** A server that answers as told, and what it was asked. */
  async function answering(status: number, body: string) {
    const asked: ApiRequest[] = [];
    const dispatch = async (request: ApiRequest) => {
      asked.push(request);
      return { status, headers: { 'x-amzn-requestid': 'request-1' }, body: Buffer.from(body) };
    };
    const front = await startFront('dynamodb', dispatch, { fault: () => 'pass' });
    const requestHandler = new NodeHttpHandler();
    const call = dynamoDb({ region: 'eu-central-1', endpoint: front.url, credentials, requestHandler });
    return {
      asked,
      put: () => call('PutItem', { TableName: 't', Item: { id: { S: 'ü' } } }, signal),
      [Symbol.asyncDispose]: async () => {
        requestHandler.destroy();
        await front.close();
      },
    };
  }

  test('carries the signature of its region and service, the session token and the length of its bytes', async () => {
    await using server = await answering(200, '{}');
    await server.put();
    expect(server.asked[0]?.headers).toMatchObject({
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'x-amz-security-token': 'a-token',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/dynamodb\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
      ),
    });
    expect(server.asked[0]?.body.toString()).toBe('{"TableName":"t","Item":{"id":{"S":"ü"}}}');
  });

  test.each([
    [
      'the service by its code',
      400,
      '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}',
      { name: 'ThrottlingException', message: 'slow down' },
    ],
    ['a proxy by its status', 503, '<html>', { name: 'UnknownError', message: expect.stringContaining('503') }],
  ])('that is refused names what refused it: %s', async (_, status, body, error) => {
    await using server = await answering(status, body);
    await expect(server.put()).rejects.toBeInstanceOf(DynamoDbError);
    await expect(server.put()).rejects.toMatchObject({
      ...error,
      $metadata: { httpStatusCode: status, requestId: 'request-1' },
    });
  });
});

describe('the endpoint', () => {
  test.each([
    ['is that of the region', { AWS_REGION: 'eu-central-1' }, 'https://dynamodb.eu-central-1.amazonaws.com'],
    ["has China's domain there", { AWS_REGION: 'cn-north-1' }, 'https://dynamodb.cn-north-1.amazonaws.com.cn'],
    ['may be set', { AWS_ENDPOINT_URL_DYNAMODB: 'http://a', AWS_ENDPOINT_URL: 'http://b' }, 'http://a'],
    ['may be set for all services', { AWS_ENDPOINT_URL: 'http://b' }, 'http://b'],
  ])('%s', (_, variables, endpoint) => {
    expect(dynamoDbEndpointIn(variables)).toBe(endpoint);
  });

  test('refuses a wish that it does not know, instead of ignoring it', () => {
    const variables = { AWS_REGION: 'us-gov-west-1', AWS_USE_FIPS_ENDPOINT: 'true' };
    expect(() => dynamoDbEndpointIn(variables)).toThrow('AWS_USE_FIPS_ENDPOINT');
  });

  test('needs a region', () => {
    expect(() => dynamoDbEndpointIn({})).toThrow('AWS_REGION is not set');
  });
});

test('credentials that are missing are named', async () => {
  await expect(credentialsIn({ AWS_ACCESS_KEY_ID: 'a' })()).rejects.toThrow('AWS_SECRET_ACCESS_KEY is not set');
});
