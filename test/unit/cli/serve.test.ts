import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '../../../local/cli/serve/serve.ts';
import { until } from '../../support/until.ts';
import { captured } from './captured.ts';

const ask = (url: string, service: string, init: RequestInit) =>
  fetch(url, {
    method: 'POST',
    ...init,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      ...init.headers,
    },
  });

const form = (fields: Record<string, string>) => ({ body: new URLSearchParams(fields) });

describe('millrace serve', () => {
  test('serves an account until it is told to end, and frees its port then', async () => {
    const { output, stdout } = captured();
    const stop = new AbortController();
    const ended = serve({ port: 0, json: true }, output, stop.signal);
    await until(() => stdout().includes('\n'));
    const { url }: { url: string } = JSON.parse(stdout());
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    const identity = await ask(url, 'sts', form({ Action: 'GetCallerIdentity', Version: '2011-06-15' }));
    expect(await identity.text()).toContain('<Account>000000000000</Account>');
    const role = 'arn:aws:iam::000000000000:role/deploy';
    const session = { Action: 'AssumeRole', RoleArn: role, RoleSessionName: 'cdk' };
    expect(await (await ask(url, 'sts', form(session))).text()).toContain('assumed-role/deploy/cdk');
    const unknown = await ask(url, 'cloudformation', form({ Action: 'CreateStackSet' }));
    expect([unknown.status, await unknown.text()]).toEqual([
      400,
      expect.stringContaining('The local cloud has no operation CreateStackSet of CloudFormation'),
    ]);
    const parameter = await ask(url, 'ssm', {
      body: JSON.stringify({ Name: '/cdk-bootstrap/hnb659fds/version' }),
      headers: { 'x-amz-target': 'AmazonSSM.GetParameter', 'content-type': 'application/x-amz-json-1.1' },
    });
    expect(await parameter.json()).toMatchObject({ __type: 'ParameterNotFound' });

    stop.abort();
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('says what to type next', async () => {
    const { output, stdout } = captured();
    await serve({ port: 0, json: false }, output, AbortSignal.abort());
    expect(stdout()).toMatch(/export AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+ AWS_REGION=us-east-1/);
    expect(stdout()).toMatch(/npx cdk deploy --all/);
  });

  test('names the port that is taken, and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { output } = captured();
    const serving = serve({ port, json: false }, output, new AbortController().signal);
    await expect(serving).rejects.toThrow(`Port ${port} is taken: choose another with --port, or 0 for a free one`);
    other.close();
  });
});
