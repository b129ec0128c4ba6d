import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Gateway, startGateway } from '../../../../local/gateway/gateway.ts';
import { serviceOf } from '../../../../local/gateway/service-of.ts';

const signed = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

describe('the service of a request', () => {
  test.each([
    ['its signature', { authorization: signed('cloudformation') }, '/', 'cloudformation'],
    [
      'its signature before its target',
      { authorization: signed('sqs'), 'x-amz-target': 'Kinesis_20131202.X' },
      '/',
      'sqs',
    ],
    ['a presigned URL', {}, '/b/k?X-Amz-Credential=KEY%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&x=1', 's3'],
    ['its target', { 'x-amz-target': 'AmazonSSM.GetParameter' }, '/', 'ssm'],
    ['its path', {}, '/2015-03-31/event-source-mappings/', 'lambda'],
    ['nothing, which is S3', {}, '/bucket/key', 's3'],
  ])('is told by %s', (_, headers, url, service) => {
    expect(serviceOf(headers, url)).toBe(service);
  });
});

describe('the gateway', () => {
  let upstream: Server;
  let gateway: Gateway;
  const seen: { url: string; host: string; bytes: number }[] = [];
  const faults: unknown[] = [];

  beforeAll(async () => {
    upstream = createServer(async (request, response) => {
      const body = await buffer(request);
      seen.push({ url: request.url ?? '', host: request.headers.host ?? '', bytes: body.length });
      response.writeHead(request.method === 'HEAD' ? 200 : 418, { 'x-kind': 'teapot', 'content-length': '5' });
      response.end(request.method === 'HEAD' ? undefined : 'short');
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    gateway = await startGateway({
      port: 0,
      report: (fault) => faults.push(fault),
      routes: {
        s3: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
        sts: async ({ body }) => ({ status: 200, headers: { 'x-in': 'process' }, body }),
        ssm: () => Promise.reject(new Error('out of order')),
      },
    });
  });

  afterAll(async () => {
    await gateway.close();
    upstream.close();
  });

  const ask = (service: string, init: RequestInit = {}, path = '/') =>
    fetch(gateway.url + path, { method: 'POST', ...init, headers: { authorization: signed(service) } });

  test('passes a request on as it is, and the answer back, however large', async () => {
    const body = new Uint8Array(20_000_000);
    const answer = await ask('s3', { method: 'PUT', body }, '/bucket/key?versionId=1');
    expect([answer.status, answer.headers.get('x-kind'), await answer.text()]).toEqual([418, 'teapot', 'short']);
    expect(seen.at(-1)).toEqual({
      url: '/bucket/key?versionId=1',
      host: gateway.url.slice('http://'.length),
      bytes: body.length,
    });
  });

  test('keeps the length that a HEAD is answered with', async () => {
    expect((await ask('s3', { method: 'HEAD' })).headers.get('content-length')).toBe('5');
  });

  test('asks services of this process', async () => {
    const answer = await ask('sts', { body: 'hello' });
    expect([answer.headers.get('x-in'), await answer.text()]).toEqual(['process', 'hello']);
  });

  test('names the services that there are to whoever asks for another', async () => {
    const answer = await ask('redshift');
    expect([answer.status, await answer.json()]).toEqual([
      501,
      { __type: 'UnknownService', message: 'The local cloud has no service redshift; it has: s3, sts, ssm' },
    ]);
  });

  test('answers a fault inside with a server error, and reports it', async () => {
    expect((await ask('ssm')).status).toBe(500);
    expect(faults).toEqual([new Error('out of order')]);
  });

  test('does not start on a port that is taken', async () => {
    const port = (upstream.address() as AddressInfo).port;
    await expect(startGateway({ port, routes: {}, report: () => undefined })).rejects.toThrow(/EADDRINUSE/);
  });
});
