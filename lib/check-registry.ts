import type { StreamManifest, SystemManifest } from '../lambdas/core/manifest.ts';
import { API } from '../lambdas/core/names.ts';
import { ConfigError } from './config.ts';

/** What a stage consists of. */
export interface Registry {
  readonly streams: readonly StreamManifest[];
  readonly systems: readonly SystemManifest[];
}

/**
 * Refuses, at synth, what would deploy and then lose or double events.
 * @param factorOf the parallelization factor that is set for a system
 * @throws ConfigError with every problem found.
 */
export function checkRegistry(
  registry: Registry,
  factorOf: (system: string) => number | undefined = () => undefined,
): void {
  const problems = [
    ...duplicates('stream', registry.streams),
    ...duplicates('system', registry.systems),
    ...registry.streams.flatMap(templates),
    ...sharedRoutes(registry),
    ...registry.systems.flatMap((system) => [
      ...routes(system),
      ...unknownStreams(system, registry),
      ...loops(system),
      ...horizon(system, registry),
      ...kplFactor(system, registry, factorOf(system.name)),
      ...reservedAttributes(system),
    ]),
  ];
  if (problems.length > 0) throw new ConfigError(`the registry cannot be deployed:\n  ${problems.join('\n  ')}`);
}

function duplicates(kind: string, named: readonly { readonly name: string }[]): string[] {
  const names = named.map(({ name }) => name);
  return names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${kind} ${name} is there twice`);
}

/** A path as API Gateway and OpenAPI take it: segments of letters, digits and hyphens, or one parameter each. */
const PATH = /^(\/([a-z0-9-]+|\{[a-zA-Z]\w*\}))+$/;

function routes({ name, routes = [], indexes }: SystemManifest): string[] {
  return routes.flatMap(({ path, index }) => {
    const known = indexes.map((one) => one.name);
    return [
      ...(PATH.test(path) ? [] : [`systems.${name}.routes: ${path} is no path such as /${name}/{id}`]),
      ...(index === undefined || known.includes(index)
        ? []
        : [`systems.${name}.routes: ${path} reads index ${index}; there are: ${known.join(', ') || 'none'}`]),
    ];
  });
}

/** Two routes that match the same requests: the names of parameters do not tell them apart. */
function sharedRoutes({ systems }: Registry): string[] {
  const all = [
    { path: API.healthPath, owner: 'the API' },
    ...systems.flatMap(({ name, routes = [] }) => routes.map(({ path }) => ({ path, owner: `system ${name}` }))),
  ];
  const shapes = all.map(({ path }) => path.replaceAll(/\{\w+\}/g, '{}'));
  return all.flatMap(({ path, owner }, i) => {
    const first = shapes.indexOf(shapes[i] ?? '');
    return first === i ? [] : [`${path} of ${owner} is a route of ${all[first]?.owner} already`];
  });
}

/** Without the subject in it once, neither could be told from the other. */
function templates({ name, adapter }: StreamManifest): string[] {
  const template = adapter?.partitionKey;
  return template === undefined || template.split('{subject}').length === 2
    ? []
    : [`streams.${name}.adapter.partitionKey is ${template}; allowed: a text with {subject} in it once`];
}

function unknownStreams(system: SystemManifest, { streams }: Registry): string[] {
  const known = streams.map(({ name }) => name);
  return Object.entries({ inputStream: [system.inputStream], outputStreams: system.outputStreams }).flatMap(
    ([property, names]) =>
      names
        .filter((name) => !known.includes(name))
        .map(
          (name) => `systems.${system.name}.${property}: no stream is called ${name}; there are: ${known.join(', ')}`,
        ),
  );
}

function loops({ name, inputStream, outputStreams }: SystemManifest): string[] {
  return outputStreams.includes(inputStream)
    ? [
        `systems.${name}.outputStreams: ${inputStream} is its input stream as well; its effects would come back to it, and Lambda does not stop such loops on Kinesis`,
      ]
    : [];
}

/** Recent ids reach back minutes; an outage of the sender delays its repeats by hours. */
function horizon({ name, inputStream, deduplication }: SystemManifest, { systems }: Registry): string[] {
  const senders = systems.filter((other) => other.outputStreams.includes(inputStream)).map((other) => other.name);
  return deduplication === 'recent' && senders.length > 0
    ? [
        `systems.${name}.deduplication: recent forgets ids after minutes, but ${inputStream} is written by ${senders.join(', ')}, which may repeat an effect hours later; use a strength without a horizon`,
      ]
    : [];
}

function kplFactor({ name, inputStream }: SystemManifest, { streams }: Registry, factor: number | undefined): string[] {
  const kpl = streams.some((stream) => stream.name === inputStream && stream.kplProducers);
  return kpl && factor !== undefined && factor > 1
    ? [
        `parallelizationFactor is ${factor}, but system ${name} reads ${inputStream}, whose KPL producers mix partition keys in one record; allowed: 1, or leave the setting out`,
      ]
    : [];
}

function reservedAttributes({ name, indexes, analysts }: SystemManifest): string[] {
  const named = [
    ...indexes.map((index) => ({
      where: `indexes.${index.name}`,
      attributes: [index.partitionKey, index.sortKey.name, ...index.projected],
    })),
    { where: 'analysts', attributes: [...(analysts?.attributes ?? []), ...(analysts?.personal ?? [])] },
  ];
  return named.flatMap(({ where, attributes }) =>
    attributes
      .filter((attribute) => attribute.startsWith('_'))
      .map((attribute) => `systems.${name}.${where}: ${attribute} belongs to the protocol, not to the state`),
  );
}
