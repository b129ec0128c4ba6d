import { EngineInputError } from './errors.ts';
import { laneWakeMs } from './lane.ts';
import { advanceLane, settleDelivery, settleInvocation } from './lane-machine.ts';
import { type Lineage, learnShards, newLineage, parentsProcessed } from './lineage.ts';
import { Listing } from './listing.ts';
import type { EngineInput, EngineOutput, ShardCheckpoint, ShardStatus } from './protocol.ts';
import { beginReadIfDue, endRead, failRead, readWakeMs } from './reading.ts';
import { type EngineOptions, type Mapping, resolveMapping } from './settings.ts';
import { checkpointOf, isProcessed, isShardDrained, type ShardState, statusOf } from './shard.ts';
import { InFlight, StepOutput } from './step.ts';
import type { MappingSettings } from './types.ts';

/**
 * The decisions of an event source mapping: a state machine without I/O, clock or randomness. The same inputs at the same times
 * give the same outputs, so it runs under virtual time as it runs against a stream.
 */
export interface Engine {
  /**
   * Takes one input and says what to do next. `nowMs` (epoch milliseconds) must not go backwards.
   *
   * @throws EngineInputError for an answer to no command, or records out of order.
   */
  step(input: EngineInput, nowMs: number): EngineOutput;
  /** Every known shard, in the order in which they were found. */
  status(): readonly ShardStatus[];
  /** What a restarted engine needs. Records above it are delivered again; none below it is. */
  checkpoints(): readonly ShardCheckpoint[];
  /**
   * Whether all shards are processed to their tip, with nothing buffered, retried or in flight. With `sinceMs`, only listings and
   * reads that began after that millisecond count as proof: give it the time at which the last put was answered.
   */
  isDrained(sinceMs?: number): boolean;
}

/**
 * Creates an engine, which begins with its first step. `checkpoints` are those of an earlier one.
 *
 * @throws MappingSettingError
 */
export function createEngine(
  settings: MappingSettings,
  options: EngineOptions = {},
  checkpoints: readonly ShardCheckpoint[] = [],
): Engine {
  return new MappingEngine(resolveMapping(settings, options), newLineage(checkpoints));
}

class MappingEngine implements Engine {
  readonly #mapping: Mapping;
  readonly #lineage: Lineage;
  readonly #listing = new Listing();
  readonly #inFlight = new InFlight();
  #enabled = true;

  constructor(mapping: Mapping, lineage: Lineage) {
    this.#mapping = mapping;
    this.#lineage = lineage;
  }

  step(input: EngineInput, nowMs: number): EngineOutput {
    const output = new StepOutput(nowMs, this.#mapping, this.#inFlight);
    this.#apply(input, output);
    if (!this.#enabled) return { commands: output.commands, metrics: output.metrics };
    this.#advance(output);
    const wakeAtMs = this.#wakeAtMs();
    return { commands: output.commands, metrics: output.metrics, ...(wakeAtMs !== undefined && { wakeAtMs }) };
  }

  status(): readonly ShardStatus[] {
    return [...this.#lineage.shards.values()].map(statusOf);
  }

  checkpoints(): readonly ShardCheckpoint[] {
    if (!this.#lineage.listed) return [...this.#lineage.saved].map(([shardId, position]) => ({ shardId, position }));
    return [...this.#lineage.shards.values()].map(checkpointOf);
  }

  isDrained(sinceMs = Number.NEGATIVE_INFINITY): boolean {
    if (!this.#listing.isProvenSince(sinceMs)) return false;
    return [...this.#lineage.shards.values()].every((shard) => isShardDrained(shard, sinceMs));
  }

  #apply(input: EngineInput, output: StepOutput): void {
    switch (input.kind) {
      case 'tick':
        break;
      case 'enable':
      case 'disable':
        this.#enabled = input.kind === 'enable';
        break;
      case 'shards-listed':
        this.#listing.succeed(output);
        learnShards(this.#lineage, input.shards, this.#mapping);
        break;
      case 'list-failed':
        this.#listing.fail(output);
        break;
      case 'records-read':
        endRead(output, this.#shard(input.shardId), input);
        if (input.exhausted) this.#listing.outdate(output);
        break;
      case 'read-failed':
        failRead(output, this.#shard(input.shardId));
        break;
      case 'batch-invoked': {
        const { shard, lane } = this.#inFlight.end(input.batchId);
        settleInvocation(output, shard, lane, input.result);
        break;
      }
      case 'delivery-settled': {
        const { shard, lane } = this.#inFlight.end(input.deliveryId);
        settleDelivery(output, shard, lane, input.accepted);
      }
    }
  }

  #shard(shardId: string): ShardState {
    const shard = this.#lineage.shards.get(shardId);
    if (!shard) throw new EngineInputError('an answer for a shard that was never listed', { shard: shardId });
    return shard;
  }

  /** A shard that ends in this step may let its children begin in the same step, wherever in the list they stand. */
  #advance(output: StepOutput): void {
    let ended = true;
    while (ended) {
      ended = false;
      for (const shard of this.#lineage.shards.values()) {
        if (shard.stage !== 'done' && this.#advanceShard(shard, output)) ended = true;
      }
    }
    this.#listing.beginIfDue(output);
  }

  /** @returns whether the shard ended. */
  #advanceShard(shard: ShardState, output: StepOutput): boolean {
    if (shard.stage === 'waiting-for-parents') {
      if (!parentsProcessed(this.#lineage, shard)) return false;
      shard.stage = 'open';
    }
    for (const lane of shard.lanes) advanceLane(output, shard, lane);
    if (isProcessed(shard)) {
      shard.stage = 'done';
      return true;
    }
    beginReadIfDue(output, shard);
    return false;
  }

  #wakeAtMs(): number | undefined {
    let earliest = this.#listing.wakeMs();
    for (const shard of this.#lineage.shards.values()) {
      earliest = Math.min(earliest, readWakeMs(shard, this.#mapping));
      if (shard.unfinished === 0) continue;
      for (const lane of shard.lanes) earliest = Math.min(earliest, laneWakeMs(lane, this.#mapping));
    }
    return Number.isFinite(earliest) ? earliest : undefined;
  }
}
