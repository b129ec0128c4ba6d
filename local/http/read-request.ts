import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { GatewayRequest } from './event.ts';

/** API Gateway's quota of a request's payload. */
export const MOST_BODY_BYTES = 10 * 1024 * 1024;

/** Reads a request to its end. @returns undefined if its body is too large, or the client went away. */
export async function readRequest(incoming: IncomingMessage, timeMs: number): Promise<GatewayRequest | undefined> {
  const body = await readBody(incoming);
  if (body === undefined) return undefined;
  const url = incoming.url ?? '/';
  const question = url.indexOf('?');
  return {
    id: randomUUID(),
    method: incoming.method ?? 'GET',
    path: question === -1 ? url : url.slice(0, question),
    queryString: question === -1 ? '' : url.slice(question + 1),
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    headers: new Map(Object.entries(incoming.headersDistinct).map(([name, values = []]) => [name, values])),
    body,
    timeMs,
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return undefined;
    throw error;
  }
  return Buffer.concat(chunks, bytes);
}
