import { kinesisEvent } from './payload.ts';
import type { PollerEvent, PollerPorts } from './ports.ts';
import type { Command, EngineInput } from './protocol.ts';
import type { InvokeResult, MappingSettings } from './types.ts';

type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>;
type FailedPort = Extract<PollerEvent, { kind: 'port-failed' }>['port'];

/** Carries commands out against the ports. Each ends in exactly one input for the engine, whatever its port does. */
export class CommandRunner {
  readonly #settings: MappingSettings;
  readonly #ports: PollerPorts;
  readonly #reads = new AbortController();
  readonly #invocations = new AbortController();

  constructor(settings: MappingSettings, ports: PollerPorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  abortReads(reason: unknown): void {
    this.#reads.abort(reason);
  }

  abortInvocations(reason: unknown): void {
    this.#invocations.abort(reason);
  }

  /** Never rejects. */
  run(command: Command): Promise<EngineInput> {
    switch (command.kind) {
      case 'list-shards':
        return this.#list();
      case 'read':
        return this.#read(command);
      case 'invoke':
        return this.#invoke(command);
      case 'deliver':
        return this.#deliver(command);
    }
  }

  async #list(): Promise<EngineInput> {
    try {
      return { kind: 'shards-listed', shards: await this.#ports.source.listShards(this.#reads.signal) };
    } catch (error) {
      this.#logFailure('list-shards', error);
      return { kind: 'list-failed' };
    }
  }

  async #read({ shardId, from, limit }: CommandOf<'read'>): Promise<EngineInput> {
    try {
      const result = await this.#ports.source.read(shardId, from, limit, this.#reads.signal);
      return { ...result, kind: 'records-read', shardId };
    } catch (error) {
      this.#logFailure('read', error, shardId);
      return { kind: 'read-failed', shardId };
    }
  }

  async #invoke({ batchId, shardId, records }: CommandOf<'invoke'>): Promise<EngineInput> {
    return { kind: 'batch-invoked', batchId, result: await this.#invokeFunction(shardId, records) };
  }

  async #invokeFunction(shardId: string, records: CommandOf<'invoke'>['records']): Promise<InvokeResult> {
    try {
      return await this.#ports.invoke(kinesisEvent(this.#settings, shardId, records), this.#invocations.signal);
    } catch (error) {
      this.#logFailure('invoke', error, shardId);
      return { kind: 'throttled' };
    }
  }

  async #deliver({ deliveryId, shardId, document }: CommandOf<'deliver'>): Promise<EngineInput> {
    try {
      await this.#ports.deliverOnFailure(document, this.#invocations.signal);
      return { kind: 'delivery-settled', deliveryId, accepted: true };
    } catch (error) {
      this.#logFailure('deliver', error, shardId);
      return { kind: 'delivery-settled', deliveryId, accepted: false };
    }
  }

  /** What fails because of the stop itself is no news. */
  #logFailure(port: FailedPort, error: unknown, shardId?: string): void {
    const aborts = port === 'list-shards' || port === 'read' ? this.#reads : this.#invocations;
    if (aborts.signal.aborted) return;
    this.#ports.log({ kind: 'port-failed', port, error, ...(shardId !== undefined && { shardId }) });
  }
}
