import { homedir } from 'node:os';

/** Where a stage is deployed for the suite: an AWS-compatible endpoint, or, without one, AWS by the caller's own credentials. */
export interface Target {
  readonly stage: string;
  /** Without a slash at the end. */
  readonly endpoint?: string;
}

/** The region of emulators, whatever the machine's configuration says. */
const REGION = 'us-east-1';

/**
 * The environment in which SDKs and the CDK CLI find the target. For an endpoint it holds neither the caller's credentials nor profile:
 * no emulator needs them.
 */
export function environmentOf({ endpoint }: Target, own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  if (endpoint === undefined) return own;
  const foreign = Object.keys(own).filter((name) => name.startsWith('AWS_') || name.startsWith('CDK_DEFAULT_'));
  const clean = Object.fromEntries(Object.entries(own).filter(([name]) => !foreign.includes(name)));
  return {
    ...clean,
    HOME: own.HOME ?? homedir(),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: pathStyle(endpoint),
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** SDKs put the bucket into the path, where no name has to be resolved, if the host is an address. */
function pathStyle(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1';
  return url.origin;
}

/** For people: `http://127.0.0.1:4566` or `AWS`. */
export const nameOf = ({ endpoint }: Target): string => endpoint ?? 'AWS';
