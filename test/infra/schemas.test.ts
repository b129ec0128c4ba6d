import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SchemaRegistry } from '../../lib/constructs/schema-registry.ts';
import { readSchemas } from '../../lib/schema-files.ts';
import { newApp, synthesize } from './support/synth.ts';

const ROOT = `${import.meta.dirname}/../..`;
const templates = synthesize({ stage: 'prod' });
const committed = (path: string): string => readFileSync(`${ROOT}/schemas/${path}`, 'utf8').trim();

describe('the registry of a stage', () => {
  const schemas = templates.resources('AWS::Glue::Schema');

  test('holds every committed version of every event type, and nothing else', () => {
    const published = [...schemas, ...templates.resources('AWS::Glue::SchemaVersion')].map(
      ({ properties }) => properties.SchemaDefinition,
    );
    const index: Record<string, { versions: { version: number }[] }> = JSON.parse(committed('catalogue.json'));
    const expected = Object.entries(index).flatMap(([type, { versions }]) =>
      versions.map(({ version }) => committed(`${type}/${version}.registry.json`)),
    );
    expect(expected.length).toBeGreaterThan(6);
    expect(published.sort()).toEqual(expected.sort());
  });

  test('names a schema after its type, and a further one where a version breaks', () => {
    const names = schemas.map(({ properties }) => properties.Name);
    expect(names).toEqual(expect.arrayContaining(['page.viewed', 'cart.item-added', 'cart.item-added.2']));
    expect(new Set(names).size).toBe(names.length);
    for (const { properties } of schemas) {
      expect(properties.DataFormat).toBe('JSON');
      expect(properties.CheckpointVersion).toEqual({ IsLatest: true });
      expect(templates.readable('stateful', properties.Registry.Arn)).toBe('<SchemaRegistry/Registry.Arn>');
    }
  });

  test('asks Glue to keep the mode of a type that has one version', () => {
    const { properties } = templates.one('AWS::Glue::Schema', 'SchemaRegistry/page.viewed');
    expect(properties.Compatibility).toBe('FULL_ALL');
  });

  test('stays when the stack goes, where data is protected', () => {
    const registry = /^AWS::Glue::/;
    const policies = (stage: typeof templates) =>
      new Set(
        stage
          .resources()
          .filter(({ type }) => registry.test(type))
          .map(({ deletionPolicy }) => deletionPolicy),
      );
    expect(policies(templates)).toEqual(new Set(['Retain']));
    expect(policies(synthesize({ stage: 'dev' }))).toEqual(new Set(['Delete']));
  });

  test('has a name that tools find, with the prefix of the stage if there is one', () => {
    const nameOf = (stage: typeof templates) => stage.one('AWS::Glue::Registry').properties.Name;
    expect(nameOf(templates)).toBe('millrace-prod-events');
    expect(nameOf(synthesize({ stage: 'prod', namePrefix: 'acme' }))).toBe('acme-prod-events');
    expect(templates.stateful.Outputs?.SchemaRegistryName?.Value).toBe('millrace-prod-events');
  });
});

describe('versions of one schema', () => {
  const stack = new Stack(newApp(), 'Registry');
  new SchemaRegistry(stack, 'Registry', {
    registryName: 'events',
    description: 'a test',
    schemas: [
      {
        name: 'a.b',
        description: 'ab',
        compatibility: 'NONE',
        definitions: ['{"title":"1"}', '{"title":"2"}', '{"title":"3"}'],
      },
    ],
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const template = Template.fromStack(stack);

  test('are registered in their order, since Glue numbers them as they arrive', () => {
    const [[schema] = []] = Object.entries(template.findResources('AWS::Glue::Schema'));
    const versions = Object.entries(template.findResources('AWS::Glue::SchemaVersion'));
    const byText = (text: string) => versions.find(([, { Properties }]) => Properties.SchemaDefinition === text);
    const [second, third] = [byText('{"title":"2"}'), byText('{"title":"3"}')];
    expect(second?.[1].DependsOn).toEqual([schema]);
    expect(third?.[1].DependsOn).toEqual([second?.[0]]);
  });
});

test.each([
  [
    'too large',
    [JSON.stringify({ title: 'x'.repeat(170 * 1024) })],
    'schema odd has a version of 174092 bytes; Glue takes up to 174080',
  ],
  ['without versions', [], 'schema odd has no version'],
])('a schema that is %s is refused at synth', (_, definitions, problem) => {
  const schemas = [{ name: 'odd', description: 'odd', compatibility: 'NONE' as const, definitions }];
  const make = () =>
    new SchemaRegistry(new Stack(newApp(), 'Odd'), 'Registry', { registryName: 'r', description: 'r', schemas });
  expect(make).toThrow(problem);
});

test('files that are missing or edited by hand are named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-schema-files-'));
  try {
    expect(() => readSchemas(folder)).toThrow(/catalogue\.json cannot be read: run npm run schemas -- generate/);
    writeFileSync(join(folder, 'catalogue.json'), '{"a.b":{"registry":[{"name":"a.b"}]}}');
    expect(() => readSchemas(folder)).toThrow(/catalogue\.json is not as npm run schemas/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
