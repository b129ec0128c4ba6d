import { join } from 'node:path';
import { profiles } from '../../lambdas/systems/profiles/system.ts';
import { synthesize } from '../../local/synth.ts';
import { bundled, type DeployedFunction, deployedFunctions } from './bundles.ts';
import { Contestant } from './contestant.ts';
import { startEmulators } from './emulators/client.ts';
import { measureFreshness } from './freshness.ts';
import { measureBundles } from './imports.ts';
import { MAIN_BATCH, type Plan } from './plan.ts';
import { type ProfileSummary, summarize } from './profile.ts';
import { type BenchResult, summaryOf } from './result.ts';
import { runCases } from './run.ts';
import { type Variant, variantsOf } from './variants/variant.ts';
import { Traffic, type TrafficSettings } from './workload/traffic.ts';

export interface BenchOptions {
  readonly plan: Plan;
  readonly traffic: Omit<TrafficSettings, 'distribution'>;
  /** For bundles; the caller removes it. */
  readonly directory: string;
  /** Told what begins. */
  readonly progress: (what: string) => void;
}

/**
 * Measures everything, one thing at a time.
 *
 * @throws WrongRows if a variant's rows are not the oracle's.
 */
export async function bench({ plan, traffic, directory, progress }: BenchOptions): Promise<BenchResult> {
  progress('synthesizing and bundling');
  using synthesis = await synthesize({ outDir: join(directory, 'cdk.out') });
  const functions = deployedFunctions(synthesis.directory);
  const variants = bundleVariants(functions, directory);
  progress(`importing ${functions.map(({ name }) => name).join(', ')} and a bare client`);
  const bundles = await measureBundles(functions, plan.imports, directory);
  progress(`freshness at ${plan.freshness.eventsPerSecond} events/s for ${plan.freshness.seconds} s`);
  const steady = new Traffic({ ...traffic, distribution: 'zipf' });
  const freshness = await measureFreshness(synthesis.directory, steady, plan.freshness);
  await using emulators = await startEmulators();
  const cases = await runCases({ plan, variants, emulators, traffic, progress });
  return { cases: cases.map(summaryOf), bundles, freshness };
}

/** A CPU profile of the handler at work, compiled and on rows of their real size. */
export interface Profiled extends ProfileSummary {
  readonly events: number;
}

/** @param file takes the profile. */
export async function profileHandler(options: BenchOptions, file: string): Promise<Profiled> {
  const { plan, traffic, directory, progress } = options;
  progress('synthesizing and bundling');
  using synthesis = await synthesize({ outDir: join(directory, 'cdk.out') });
  const variants = bundleVariants(deployedFunctions(synthesis.directory), directory);
  const handler = variants.find(({ name }) => name === 'handler');
  if (handler === undefined) throw new Error('There is no variant handler');
  await using emulators = await startEmulators();
  const stream = new Traffic({ ...traffic, distribution: 'zipf' });
  await using contestant = await Contestant.start(handler, stream, emulators, 'profile');
  await contestant.grow(1);
  const stint = { batch: MAIN_BATCH, environment: () => 0 };
  progress(`warming up with ${plan.warmUp} events`);
  await contestant.run({ ...stint, events: plan.warmUp });
  const { events } = plan.fast;
  progress(`profiling ${events} events`);
  await contestant.profiled(file, () => contestant.run({ ...stint, events }));
  await contestant.verify();
  return { ...summarize(file), events };
}

function bundleVariants(functions: readonly DeployedFunction[], outDir: string): readonly Variant[] {
  const deployed = functions.find(({ name }) => name === profiles.name);
  if (deployed === undefined) throw new Error(`The stage has no function of system ${profiles.name}`);
  const built = (name: string) => bundled(name, { file: `test/bench/variants/${name}.ts` }, outDir);
  return variantsOf(deployed, {
    floor: built('floor'),
    'bare-puts': built('bare-puts'),
    powertools: built('powertools'),
  });
}
