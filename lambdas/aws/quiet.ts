/** Without the SDK's log middleware: it copies every input and output, to have them ready for a logger, and there is none. */
export function quiet<Client extends { readonly middlewareStack: { remove(name: string): boolean } }>(
  client: Client,
): Client {
  if (client.middlewareStack.remove('loggerMiddleware')) return client;
  throw new Error('The SDK has no loggerMiddleware any more: see what logs requests now, and whether that has to go');
}
