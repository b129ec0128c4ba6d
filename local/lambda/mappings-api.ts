import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { MappingSettingError } from '../esm/errors.ts';
import type { Mapping } from '../mapping.ts';
import { type MappingChange, mappingChange } from './mapping-update.ts';

/** Path of Lambda's REST API under which event source mappings live. */
const PATH = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?\/?$/;

/** The mappings of an account. */
export interface RunningMappings {
  readonly mappings: readonly Mapping[];
  /** Resolves once a mapping, whose batches in flight have ended, goes on as changed. @throws MappingSettingError */
  change(uuid: string, change: MappingChange): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  /** Name of the service's exception, which SDKs read from the header. */
  readonly error?: string;
}

/**
 * Lambda's API for event source mappings on loopback: ListEventSourceMappings, GetEventSourceMapping, and UpdateEventSourceMapping of
 * everything but filters, windows and what belongs to other sources. Anything else is refused by name. Nobody's signature is checked.
 */
export class MappingsApi {
  readonly #server: Server;
  readonly #running: RunningMappings;

  private constructor(running: RunningMappings) {
    this.#running = running;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** @param port a free one by default. @throws if the port is taken. */
  static async listen(running: RunningMappings, port = 0): Promise<MappingsApi> {
    const api = new MappingsApi(running);
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
    const { status, body, error } = await this.#answer(request, await text(request));
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(error === undefined ? {} : { 'x-amzn-errortype': error }),
    });
    response.end(JSON.stringify(body));
  }

  async #answer({ method, url = '/' }: IncomingMessage, body: string): Promise<Answer> {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const path = PATH.exec(pathname);
    const uuid = path?.[1] ? decodeURIComponent(path[1]) : undefined;
    if (path && uuid === undefined && method === 'GET') return this.#list(searchParams);
    if (path && uuid !== undefined && method === 'GET') return this.#of(uuid, (mapping) => ok(mapping));
    if (path && uuid !== undefined && method === 'PUT') return this.#of(uuid, (mapping) => this.#update(mapping, body));
    return refused(501, 'UnsupportedOperation', `The local Lambda API has no ${method} ${pathname}`);
  }

  #list(asked: URLSearchParams): Answer {
    const fn = asked.get('FunctionName');
    const source = asked.get('EventSourceArn');
    const found = this.#running.mappings.filter(
      ({ functionName, definition: { settings } }) =>
        (fn === null || fn === functionName || fn === settings.functionArn) &&
        (source === null || source === settings.streamArn),
    );
    return { status: 200, body: { EventSourceMappings: found.map(configurationOf) } };
  }

  #find(uuid: string): Mapping | undefined {
    return this.#running.mappings.find((mapping) => mapping.uuid === uuid);
  }

  async #of(uuid: string, then: (mapping: Mapping) => Answer | Promise<Answer>): Promise<Answer> {
    const mapping = this.#find(uuid);
    if (mapping !== undefined) return then(mapping);
    return refused(404, 'ResourceNotFoundException', `There is no event source mapping ${uuid}`);
  }

  async #update(mapping: Mapping, body: string): Promise<Answer> {
    const { uuid } = mapping;
    // As Lambda refuses changes of a mapping that is on its way to another state.
    if (mapping.state === 'Disabling') {
      return refused(400, 'ResourceInUseException', `Event source mapping ${uuid} is still being disabled`);
    }
    try {
      const change = mappingChange(jsonOf(body));
      if (Object.keys(change.settings).length > 0 || change.onFailure !== undefined) {
        await this.#running.change(uuid, change);
      } else if (change.enabled === true) mapping.resume();
      else if (change.enabled === false) mapping.pause();
    } catch (error) {
      if (error instanceof z.ZodError) {
        const message = `The local Lambda API changes no more than the settings of a Kinesis stream: ${z.prettifyError(error)}`;
        return refused(400, 'InvalidParameterValueException', message);
      }
      if (!(error instanceof MappingSettingError)) throw error;
      return refused(400, 'InvalidParameterValueException', error.message);
    }
    return { status: 202, body: configurationOf(this.#find(uuid) ?? mapping) };
  }
}

const ok = (mapping: Mapping): Answer => ({ status: 200, body: configurationOf(mapping) });

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
