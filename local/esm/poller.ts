import { CommandRunner } from './command-runner.ts';
import { createEngine, type Engine } from './engine.ts';
import { type Clock, type PollerPorts, systemClock } from './ports.ts';
import type { Command, EngineInput, MetricDatum, ShardCheckpoint, ShardStatus } from './protocol.ts';
import type { EngineOptions } from './settings.ts';
import type { MappingSettings } from './types.ts';

export interface PollerConfig {
  readonly settings: MappingSettings;
  readonly ports: PollerPorts;
  /** `jitter` is random unless given. */
  readonly options?: EngineOptions;
  readonly clock?: Clock;
  /** Those of an earlier poller, to go on where it stopped. */
  readonly checkpoints?: readonly ShardCheckpoint[];
  /** false: starts paused, as a mapping that is created disabled. */
  readonly enabled?: boolean;
}

interface Waiter {
  readonly sinceMs: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Runs an event source mapping: carries out what its engine decides, against real ports. One poller runs once. */
export class Poller {
  readonly #ports: PollerPorts;
  readonly #runner: CommandRunner;
  readonly #clock: Clock;
  readonly #engine: Engine;
  readonly #startsEnabled: boolean;
  /** Invocations and deliveries under way. */
  readonly #underWay = new Set<Promise<void>>();
  #waiters: Waiter[] = [];
  #state: 'new' | 'running' | 'stopping' | 'stopped' = 'new';
  #cancelWake: (() => void) | undefined;

  /** @throws MappingSettingError */
  constructor(config: PollerConfig) {
    this.#ports = config.ports;
    this.#runner = new CommandRunner(config.settings, config.ports);
    this.#clock = config.clock ?? systemClock();
    this.#engine = createEngine(config.settings, { jitter: Math.random, ...config.options }, config.checkpoints);
    this.#startsEnabled = config.enabled ?? true;
  }

  start(): void {
    if (this.#state !== 'new') throw new Error('a poller runs once: make a new one from the checkpoints of this one');
    this.#state = 'running';
    this.#step({ kind: this.#startsEnabled ? 'enable' : 'disable' });
  }

  /** Disables the mapping: nothing new begins; checkpoints and what is buffered stay. */
  pause(): void {
    this.#step({ kind: 'disable' });
  }

  resume(): void {
    this.#step({ kind: 'enable' });
  }

  /**
   * Stops for good and aborts reads. With 'wait' (the default) invocations and deliveries under way end and count; with 'abandon'
   * they are aborted and their records stay above the checkpoints, so that a later poller delivers them again. Never rejects.
   */
  async stop(inFlight: 'wait' | 'abandon' = 'wait'): Promise<void> {
    if (this.#state === 'running') this.#step({ kind: 'disable' });
    if (this.#state === 'running') this.#state = 'stopping';
    const reason = new Error('the event source mapping was stopped');
    this.#runner.abortReads(reason);
    if (inFlight === 'abandon') this.#end(reason);
    while (this.#state === 'stopping' && this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#end(reason);
  }

  status(): readonly ShardStatus[] {
    return this.#engine.status();
  }

  checkpoints(): readonly ShardCheckpoint[] {
    return this.#engine.checkpoints();
  }

  /** As {@link Engine.isDrained}. */
  isDrained(sinceMs?: number): boolean {
    return this.#engine.isDrained(sinceMs);
  }

  /** Resolves once all that was put by `sinceMs` (epoch milliseconds) is processed; rejects if the poller stops first. */
  drained(sinceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ sinceMs, resolve, reject });
      this.#settleWaiters();
    });
  }

  #step(input: EngineInput): void {
    if (this.#state !== 'running' && this.#state !== 'stopping') return;
    try {
      const { commands, metrics, wakeAtMs } = this.#engine.step(input, this.#clock.now());
      for (const command of commands) this.#carryOut(command);
      this.#emitMetrics(metrics);
      this.#wakeAt(wakeAtMs);
    } catch (error) {
      this.#end(error);
      this.#ports.log({ kind: 'stopped-by-error', error });
    }
    this.#settleWaiters();
  }

  #carryOut(command: Command): void {
    const answered = this.#runner.run(command).then((input) => {
      this.#underWay.delete(answered);
      this.#step(input);
    });
    if (command.kind === 'invoke' || command.kind === 'deliver') this.#underWay.add(answered);
  }

  #emitMetrics(metrics: readonly MetricDatum[]): void {
    if (metrics.length === 0) return;
    try {
      this.#ports.metrics?.(metrics);
    } catch (error) {
      this.#ports.log({ kind: 'port-failed', port: 'metrics', error });
    }
  }

  #wakeAt(timeMs: number | undefined): void {
    this.#cancelWake?.();
    this.#cancelWake = timeMs === undefined ? undefined : this.#clock.at(timeMs, () => this.#step({ kind: 'tick' }));
  }

  /** Nothing reaches the engine from here on, and what is still under way is aborted. */
  #end(reason: unknown): void {
    this.#state = 'stopped';
    this.#cancelWake?.();
    this.#runner.abortReads(reason);
    this.#runner.abortInvocations(reason);
    this.#settleWaiters();
  }

  #settleWaiters(): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      if (this.#engine.isDrained(waiter.sinceMs)) waiter.resolve();
      else if (this.#state === 'stopped') {
        waiter.reject(new Error('the event source mapping stopped before its stream was drained'));
      } else return true;
      return false;
    });
  }
}
