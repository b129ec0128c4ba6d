import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GlueClient } from '@aws-sdk/client-glue';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { glueSchemas } from '../../lambdas/aws/glue-schemas.ts';
import type { SchemaDefinition, SchemaSource } from '../../lambdas/runtime/formats/schema-source.ts';
import { TransientError } from '../../lambdas/runtime/ports.ts';
import { memorySchemas } from '../support/memory/schemas.ts';

const AVRO = '00000000-0000-4000-8000-000000000001';
const PROTOBUF = '00000000-0000-4000-8000-000000000002';
const NOBODY = '00000000-0000-4000-8000-000000000009';
const schemas: Readonly<Record<string, SchemaDefinition>> = {
  [AVRO]: { format: 'AVRO', text: '"string"' },
  [PROTOBUF]: { format: 'PROTOBUF', text: 'syntax = "proto3"; message A {}' },
};

interface Answer {
  readonly status: number;
  readonly body: object;
}
const failure = (status: number, type: string): Answer => ({ status, body: { __type: type, Message: type } });

/** Glue as far as GetSchemaVersion goes. */
let answer: (id: string) => Answer;
const stored = (id: string): Answer => {
  const schema = schemas[id];
  if (schema === undefined) return failure(400, 'EntityNotFoundException');
  return { status: 200, body: { SchemaDefinition: schema.text, DataFormat: schema.format, Status: 'AVAILABLE' } };
};
let server: Server;
let client: GlueClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, body } = answer(JSON.parse(Buffer.concat(chunks).toString()).SchemaVersionId);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new GlueClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
});
beforeEach(() => {
  answer = stored;
});
afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const signal = () => new AbortController().signal;

describe.each<[string, () => SchemaSource]>([
  ['in memory', () => memorySchemas(schemas)],
  ['of AWS Glue', () => glueSchemas(client)],
])('the schema source %s', (_, make) => {
  test.each([AVRO, PROTOBUF])('finds the definition of %s', async (id) => {
    expect(await make().load(id, signal())).toEqual(schemas[id]);
  });

  test('says of an id that it has not that it is unknown', async () => {
    expect(await make().load(NOBODY, signal())).toBe('unknown');
  });

  test('stops when it is told to', async () => {
    await expect(make().load(AVRO, AbortSignal.abort())).rejects.toThrow();
  });
});

describe('the schema source of AWS Glue', () => {
  test.each<[string, Answer, string]>([
    ['throttles', failure(400, 'ThrottlingException'), 'registry.throttled'],
    ['is down', failure(500, 'InternalServiceException'), 'registry.unavailable'],
    [
      'is still checking the version',
      { status: 200, body: { Status: 'PENDING', DataFormat: 'AVRO', SchemaDefinition: '"int"' } },
      'registry.pending',
    ],
  ])('says that it may work later if Glue %s', async (_, given, code) => {
    answer = () => given;
    const failed = await glueSchemas(client)
      .load(AVRO, signal())
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(TransientError);
    expect(failed).toMatchObject({ code });
  });

  test('lets a missing permission through, which a deployment mends', async () => {
    answer = () => failure(400, 'AccessDeniedException');
    await expect(glueSchemas(client).load(AVRO, signal())).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each(['FAILURE', 'DELETING'])('takes a version that is in state %s for none', async (Status) => {
    answer = () => ({ status: 200, body: { Status, DataFormat: 'AVRO', SchemaDefinition: '"int"' } });
    expect(await glueSchemas(client).load(AVRO, signal())).toBe('unknown');
  });
});
