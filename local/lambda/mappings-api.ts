import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Mapping } from '../mapping.ts';

/** Path of Lambda's REST API under which event source mappings live. */
const PATH = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?\/?$/;

/** The part of an update that the local cloud carries out; Lambda's own settings come from the template here. */
const update = z.strictObject({ Enabled: z.boolean().optional(), FunctionName: z.string().optional() });

interface Answer {
  readonly status: number;
  readonly body: object;
  /** Name of the service's exception, which SDKs read from the header. */
  readonly error?: string;
}

/**
 * Lambda's API for event source mappings on loopback: ListEventSourceMappings, GetEventSourceMapping, and UpdateEventSourceMapping with
 * `Enabled` alone. Anything else is refused by name. Nobody's signature is checked.
 */
export class MappingsApi {
  readonly #server: Server;
  readonly #mappings: readonly Mapping[];

  private constructor(mappings: readonly Mapping[]) {
    this.#mappings = mappings;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** @param port a free one by default. @throws if the port is taken. */
  static async listen(mappings: readonly Mapping[], port = 0): Promise<MappingsApi> {
    const api = new MappingsApi(mappings);
    await new Promise<void>((resolve, reject) => {
      api.#server.once('error', reject);
      api.#server.listen(port, '127.0.0.1', resolve);
    });
    return api;
  }

  /** `http://127.0.0.1:<port>`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts what is open and frees the port. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve, reject) =>
      this.#server.close((error) => (error ? reject(error) : resolve())),
    );
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body, error } = this.#answer(request, await text(request));
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(error === undefined ? {} : { 'x-amzn-errortype': error }),
    });
    response.end(JSON.stringify(body));
  }

  #answer({ method, url = '/' }: IncomingMessage, body: string): Answer {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const path = PATH.exec(pathname);
    const uuid = path?.[1] ? decodeURIComponent(path[1]) : undefined;
    if (path && uuid === undefined && method === 'GET') return this.#list(searchParams);
    if (path && uuid !== undefined && method === 'GET') return this.#of(uuid, (mapping) => ok(mapping));
    if (path && uuid !== undefined && method === 'PUT') return this.#of(uuid, (mapping) => updated(mapping, body));
    return refused(501, 'UnsupportedOperation', `The local Lambda API has no ${method} ${pathname}`);
  }

  #list(asked: URLSearchParams): Answer {
    const fn = asked.get('FunctionName');
    const source = asked.get('EventSourceArn');
    const found = this.#mappings.filter(
      ({ functionName, definition: { settings } }) =>
        (fn === null || fn === functionName || fn === settings.functionArn) &&
        (source === null || source === settings.streamArn),
    );
    return { status: 200, body: { EventSourceMappings: found.map(configurationOf) } };
  }

  #of(uuid: string, then: (mapping: Mapping) => Answer): Answer {
    const mapping = this.#mappings.find((candidate) => candidate.uuid === uuid);
    if (mapping !== undefined) return then(mapping);
    return refused(404, 'ResourceNotFoundException', `There is no event source mapping ${uuid}`);
  }
}

const ok = (mapping: Mapping): Answer => ({ status: 200, body: configurationOf(mapping) });

function updated(mapping: Mapping, body: string): Answer {
  const parsed = update.safeParse(jsonOf(body));
  if (!parsed.success) {
    const message = `The local Lambda API changes Enabled alone: ${z.prettifyError(parsed.error)}`;
    return refused(400, 'InvalidParameterValueException', message);
  }
  const { Enabled: enabled } = parsed.data;
  // As Lambda refuses changes of a mapping that is on its way to another state.
  if (mapping.state === 'Disabling') {
    return refused(400, 'ResourceInUseException', `Event source mapping ${mapping.uuid} is still being disabled`);
  }
  if (enabled === true) mapping.resume();
  if (enabled === false) mapping.pause();
  return { status: 202, body: configurationOf(mapping) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const refused = (status: number, error: string, message: string): Answer => ({
  status,
  error,
  body: { Type: 'User', Message: message, message },
});

/** EventSourceMappingConfiguration of Lambda's API Reference. */
function configurationOf(mapping: Mapping): object {
  const { settings, countsEvents } = mapping.definition;
  return {
    UUID: settings.uuid,
    EventSourceArn: settings.streamArn,
    FunctionArn: settings.functionArn,
    State: mapping.state,
    StateTransitionReason: 'USER_INITIATED',
    LastProcessingResult: mapping.lastResult,
    LastModified: mapping.changedMs / 1_000,
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.maximumBatchingWindowInSeconds,
    ParallelizationFactor: settings.parallelizationFactor,
    BisectBatchOnFunctionError: settings.bisectBatchOnFunctionError,
    MaximumRetryAttempts: settings.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: settings.maximumRecordAgeInSeconds,
    FunctionResponseTypes: settings.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    ...startOf(settings.startingPosition),
    DestinationConfig: settings.onFailureArn ? { OnFailure: { Destination: settings.onFailureArn } } : {},
    MetricsConfig: { Metrics: countsEvents ? ['EventCount'] : [] },
  };
}

const startOf = (position: Mapping['definition']['settings']['startingPosition']): object =>
  typeof position === 'string'
    ? { StartingPosition: position }
    : { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: position.timestampMs / 1_000 };
