/** What AWS's variables say of where requests go and who sends them, as the SDKs read them. Lambda sets them. */
type Variables = Readonly<Record<string, string | undefined>>;

/** Throws an Error that names the variable if it is not set. */
export const regionIn = (variables: Variables): string => required(variables, 'AWS_REGION');

/**
 * The endpoint of DynamoDB: the one that is set, or that of the region. China's regions have a domain of their own. Whoever wants another
 * one (isolated regions, FIPS, dual stack) sets AWS_ENDPOINT_URL_DYNAMODB.
 *
 * @throws Error for a wish that would be ignored here.
 */
export function dynamoDbEndpointIn(variables: Variables): string {
  const endpoint = variables.AWS_ENDPOINT_URL_DYNAMODB ?? variables.AWS_ENDPOINT_URL;
  if (endpoint !== undefined && endpoint !== '') return endpoint;
  for (const name of ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT']) {
    if (variables[name] === 'true')
      throw new Error(`${name} is not known here: set AWS_ENDPOINT_URL_DYNAMODB to the endpoint that you want`);
  }
  const region = regionIn(variables);
  return `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The credentials of the function's role, read once, at the first request: Lambda ends an environment before they expire. */
export function credentialsIn(variables: Variables): () => Promise<Credentials> {
  let known: Credentials | undefined;
  return async () => {
    known ??= {
      accessKeyId: required(variables, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: required(variables, 'AWS_SECRET_ACCESS_KEY'),
      ...(variables.AWS_SESSION_TOKEN ? { sessionToken: variables.AWS_SESSION_TOKEN } : {}),
    };
    return known;
  };
}

function required(variables: Variables, name: string): string {
  const value = variables[name];
  if (value === undefined || value === '') throw new Error(`Environment variable ${name} is not set`);
  return value;
}
