import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** Where an API is and who asks. */
export interface ApiCaller {
  /** `http://127.0.0.1:4000`, without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What an API answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Milliseconds from the request to the end of the answer. */
  readonly ms: number;
}

/**
 * Asks an API whose callers sign by Signature Version 4.
 *
 * @param path percent-encoded, with its query.
 */
export async function askApi(
  caller: ApiCaller,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  const signed = await signedHeaders(caller, path, headers);
  const startedMs = performance.now();
  const response = await fetch(caller.endpoint + path, { headers: signed });
  const body = await response.text();
  return { status: response.status, headers: response.headers, body, ms: performance.now() - startedMs };
}

/** The headers of a GET, with those that sign it. */
export async function signedHeaders(
  { endpoint, region, credentials }: ApiCaller,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, string>> {
  const url = new URL(endpoint + path);
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const signed = await signer.sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
  });
  return signed.headers;
}

/** The hash as the signer takes it. */
class Sha256 {
  readonly #secret: string | ArrayBuffer | ArrayBufferView | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
    this.#hash = this.#begin();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    const secret = this.#secret;
    if (secret === undefined) return createHash('sha256');
    return createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret));
  }
}

const bytesOf = (secret: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
