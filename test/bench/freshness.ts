import { setTimeout as delay } from 'node:timers/promises';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { METRIC_DIMENSION, METRICS, metricNamespace } from '../../lambdas/core/names.ts';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { STATEFUL_OUTPUTS, statefulStackName } from '../../lib/stacks/outputs.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { Traffic } from './workload/traffic.ts';

export interface Rate {
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

/** Milliseconds from the arrival of an event in the stream to the commit of its row. */
export interface Freshness {
  readonly eventsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const TICK_MS = 100;

/** Sends events at a steady rate through the synthesized stacks, run on this machine, and asks the processor's own metric. */
export async function measureFreshness(assemblyDir: string, traffic: Traffic, rate: Rate): Promise<Freshness> {
  await using cloud = await startCloud({ assemblyDir });
  await sendSteadily(cloud, traffic, rate);
  await cloud.untilDrained();
  const metric = { namespace: metricNamespace('local'), name: METRICS.freshness };
  const found = cloud.metrics.statistics({ ...metric, dimensions: { [METRIC_DIMENSION]: profiles.name } });
  const [p50, p99] = [found.percentile(50), found.percentile(99)];
  if (p50 === undefined || p99 === undefined)
    throw new Error(`No row was committed: ${METRICS.freshness} has no values`);
  return { eventsPerSecond: rate.eventsPerSecond, p50, p99 };
}

async function sendSteadily(cloud: Cloud, traffic: Traffic, { eventsPerSecond, seconds }: Rate): Promise<void> {
  const StreamName = cloud.output(statefulStackName('local'), STATEFUL_OUTPUTS.streamName(profiles.inputStream));
  const startedMs = performance.now();
  const total = eventsPerSecond * seconds;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedMs + TICK_MS) / 1000) * eventsPerSecond));
    const now = new Date().toISOString();
    const Records = traffic.slice(sent, due - sent).map(({ event }) => ({
      PartitionKey: event.subject,
      Data: Buffer.from(JSON.stringify({ ...event, time: now })),
    }));
    if (Records.length > 0) await cloud.clients.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    sent = due;
    await delay(TICK_MS);
  }
}
