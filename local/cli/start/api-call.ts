import { STATELESS_OUTPUTS, statelessStackName } from '../../../lib/stacks/outputs.ts';
import type { Cloud } from '../../cloud.ts';
import { REGION } from '../../emulators/emulators.ts';
import { type ApiAnswer, askApi } from '../api/ask.ts';
import { printable } from '../output.ts';
import { LOCAL_STAGE } from './system.ts';

/** A request to the REST API for one profile, and what it answered. */
export interface ApiCall {
  readonly path: string;
  readonly answer: ApiAnswer;
}

/** The endpoint of the REST API of a local cloud. */
export const apiEndpoint = (cloud: Cloud): string =>
  cloud.output(statelessStackName(LOCAL_STAGE), STATELESS_OUTPUTS.apiEndpoint);

/** Asks the REST API for a profile, as any caller would. */
export async function callApi(cloud: Cloud, id: string): Promise<ApiCall> {
  const path = `/profiles/${segment(id)}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { path, answer: await askApi({ endpoint: apiEndpoint(cloud), region: REGION, credentials }, path) };
}

/** Percent-encoded so far that a shell takes it as it is. */
const segment = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

/** A body is shown so far. */
const MOST_CHARACTERS = 600;

/** The call in two lines. */
export function describeApiCall({ path, answer: { status, headers, body, ms } }: ApiCall): string {
  const etag = headers.get('etag');
  const shown = body.length > MOST_CHARACTERS ? `${body.slice(0, MOST_CHARACTERS)} …` : body;
  return [
    `GET ${path} of the REST API: ${status} in ${Math.round(ms)} ms${etag === null ? '' : `, ETag ${printable(etag)}`}`,
    `  ${printable(shown)}`,
  ].join('\n');
}

/** The same call from a shell: curl from 7.75 on signs it, and the local cloud takes any credentials. */
export const curlCommand = (cloud: Cloud, path: string): string =>
  `curl --aws-sigv4 aws:amz:${REGION}:execute-api --user local:local ${apiEndpoint(cloud)}${path}`;
