import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadStage } from '../../../lib/config.ts';
import { totalOf } from '../../../lib/cost/idle.ts';
import { type CostLine, flowOf, type Load, type LoadSettings, loadCost, shardsUnder } from '../../../lib/cost/load.ts';
import { PRICE_REGION, SECONDS_PER_MONTH } from '../../../lib/cost/prices.ts';
import { stageDefaults } from '../../../lib/stages.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { LOCAL_STAGE } from '../start/system.ts';
import { describeCost } from './show.ts';

export interface CostOptions extends Load {
  readonly stage: string;
  readonly json: boolean;
}

/** What a load costs in a month; what `--json` prints. Dollars. */
export interface Cost extends Load {
  readonly stage: string;
  readonly region: string;
  readonly perMonthUsd: number;
  /** Of the load, without what the idle stage costs. */
  readonly perMillionEventsUsd: number;
  readonly shardsPerStream: number;
  readonly eventsPerBatch: number;
  /** The dearest first. */
  readonly lines: readonly (CostLine & { readonly share: number })[];
}

const IDLE_FILE = join(import.meta.dirname, '../../../lib/cost/idle.json');

const idleSchema = z.record(
  z.string(),
  z.array(z.object({ what: z.string(), usd: z.number(), how: z.string() })).readonly(),
);

/** `cost`: arithmetic from the stage's settings; nothing is asked. */
export function cost({ stage, json, ...load }: CostOptions, output: Output): number {
  const result = costOf(stage, load);
  output.result(json ? JSON.stringify(result) : describeCost(result));
  return EXIT.ok;
}

/** @throws CliError for a stage that is not deployed. */
export function costOf(stage: string, load: Load): Cost {
  const deployed = Object.keys(stageDefaults).filter((name) => name !== LOCAL_STAGE);
  if (!deployed.includes(stage)) {
    throw new CliError(`Stage ${stage} is on no bill; those that are deployed: ${deployed.join(', ')}`);
  }
  const idle = idleSchema.parse(JSON.parse(readFileSync(IDLE_FILE, 'utf8')))[stage] ?? [];
  return sumUp(stage, load, loadStage({ stage }).settings, idle);
}

/** The bill of a month, from what the idle stage costs and what the load adds. */
export function sumUp(stage: string, load: Load, settings: LoadSettings, idle: readonly CostLine[]): Cost {
  const added = loadCost(load, settings);
  const perMonthUsd = totalOf(idle) + totalOf(added);
  const shardsPerStream = shardsUnder(load, settings);
  return {
    stage,
    ...load,
    region: PRICE_REGION,
    perMonthUsd,
    perMillionEventsUsd: (totalOf(added) / (load.eventsPerSecond * SECONDS_PER_MONTH)) * 1e6,
    shardsPerStream,
    eventsPerBatch: flowOf(load, shardsPerStream, settings).batch,
    lines: [...idle, ...added]
      .toSorted((a, b) => b.usd - a.usd)
      .map((line) => ({ ...line, share: line.usd / perMonthUsd })),
  };
}
