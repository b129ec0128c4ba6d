import { type Endpoint, startEndpoint } from '../../endpoint.ts';
import { describeTrouble } from '../../trouble.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';

export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly json: boolean;
}

/**
 * Serves an empty account on this machine until it is told to end.
 *
 * @returns 0 once the signal aborts.
 * @throws CliError if the port is taken.
 */
export async function serve({ port, json }: ServeOptions, output: Output, signal: AbortSignal): Promise<number> {
  await using endpoint = await start(port, output);
  output.result(json ? JSON.stringify({ url: endpoint.url }) : instructions(endpoint.url));
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  output.log('Stopping; the stacks go with it');
  return EXIT.ok;
}

async function start(port: number, output: Output): Promise<Endpoint> {
  const report = (error: unknown): void =>
    output.log(`The local cloud failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  try {
    return await startEndpoint({ port, report, onTrouble: (trouble) => output.log(describeTrouble(trouble)) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new CliError(`Port ${port} is taken: choose another with --port, or 0 for a free one`, { cause: error });
  }
}

const instructions = (url: string): string => `An empty account on this machine, at ${url}

In another terminal:
  export AWS_ENDPOINT_URL=${url} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  npx cdk bootstrap
  npx cdk deploy --all --require-approval never
  npx millrace status --stage dev

Ctrl-C ends it, and everything in it.`;
