import { checkRegistry, type Registry } from './check-registry.ts';
import { ConfigError, type Settings, type Stage } from './config.ts';
import { systemSettings } from './settings/processing.ts';

/**
 * What the stage deploys of the registry: the systems that its settings name, with the streams that they read and write.
 * @throws ConfigError if the registry cannot be deployed, or for settings that do not fit it.
 */
export function registryOf({ name, settings }: Stage, registry: Registry): Registry {
  checkRegistry(registry, (system) => systemSettings(settings, system).parallelizationFactor);
  const problems = [
    ...unknownNames(settings, registry),
    ...foreignProducers(settings, registry),
    ...fanOut(settings, registry),
  ];
  if (problems.length > 0) {
    throw new ConfigError(
      `settings that cannot be used:\n${problems.map((one) => `  stages.${name}.${one}`).join('\n')}`,
    );
  }
  const systems = registry.systems.filter((system) => settings.systems?.includes(system.name) ?? true);
  const used = new Set(systems.flatMap(({ inputStream, outputStreams }) => [inputStream, ...outputStreams]));
  return { systems, streams: registry.streams.filter((stream) => used.has(stream.name)) };
}

function unknownNames(settings: Settings, { streams, systems }: Registry): string[] {
  const of = (setting: string, names: readonly string[], kind: string, known: readonly { readonly name: string }[]) =>
    names
      .filter((name) => !known.some((one) => one.name === name))
      .map((name) => `${setting}: no ${kind} is called ${name}; there are: ${known.map((one) => one.name).join(', ')}`);
  return [
    ...of('systems', settings.systems ?? [], 'system', systems),
    ...of('perSystem', Object.keys(settings.perSystem ?? {}), 'system', systems),
    ...of('existingStreams', Object.keys(settings.existingStreams ?? {}), 'stream', streams),
    ...of('producers', Object.keys(settings.producers ?? {}), 'stream', streams),
  ];
}

/** Streams that outside producers write: some system reads them, and none writes them. */
export const outsideStreams = ({ streams, systems }: Registry): Registry['streams'] =>
  streams.filter(
    ({ name }) =>
      systems.some(({ inputStream }) => inputStream === name) &&
      !systems.some(({ outputStreams }) => outputStreams.includes(name)),
  );

function foreignProducers({ producers = {} }: Settings, registry: Registry): string[] {
  const written = registry.systems.flatMap(({ outputStreams }) => outputStreams);
  return Object.keys(producers)
    .filter((stream) => written.includes(stream))
    .map(
      (stream) =>
        `producers: systems write ${stream}, and whoever reads it trusts what they say; allowed: streams that none writes`,
    );
}

/** Lambda would take KPL aggregates apart itself and repeat one sequence number for all that was inside. */
function fanOut(settings: Settings, { streams, systems }: Registry): string[] {
  return systems
    .filter(({ name }) => systemSettings(settings, name).consumer === 'enhanced-fan-out')
    .filter(({ inputStream }) => streams.some(({ name, kplProducers }) => name === inputStream && kplProducers))
    .map(
      ({ name, inputStream }) =>
        `consumer is enhanced-fan-out, but system ${name} reads ${inputStream}, whose KPL producers aggregate; allowed: shared`,
    );
}
