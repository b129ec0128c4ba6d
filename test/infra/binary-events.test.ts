import { join } from 'node:path';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { build } from 'esbuild';
import { readEnvironment } from '../../lambdas/aws/env.ts';
import type { AdapterManifest } from '../../lambdas/core/adapter.ts';
import { checkRegistry } from '../../lib/check-registry.ts';
import { addStage } from '../../lib/stacks/stage.ts';
import { newApp, noCode, realRegistry, synthesize } from './support/synth.ts';

const plain = synthesize({ stage: 'prod' });
const binary = synthesize({ stage: 'prod', binaryEvents: true });

interface Statement {
  readonly Sid?: string;
  readonly Action: unknown;
  readonly Resource: readonly unknown[];
}
const policyOf = (templates: typeof plain): { statements: readonly Statement[]; stack: 'stateless' } => ({
  statements: templates.one('AWS::IAM::Policy', '/Profiles/Function/Role/DefaultPolicy/Resource').properties
    .PolicyDocument.Statement,
  stack: 'stateless',
});
const variablesOf = (templates: typeof plain) =>
  templates.one('AWS::Lambda::Function', '/Profiles/Function/Resource/Resource').properties.Environment.Variables;

describe('a stage whose records are all JSON', () => {
  test('asks no registry and may not', () => {
    expect(JSON.stringify(policyOf(plain).statements)).not.toContain('glue:');
    expect(variablesOf(plain).BINARY_EVENTS).toBeUndefined();
  });
});

describe('a stage that reads Avro and Protobuf', () => {
  test("may read the schemas of its own registry, and nothing else of Glue's", () => {
    const { statements, stack } = policyOf(binary);
    const glue = statements.filter(({ Action }) => JSON.stringify(Action).includes('glue:'));
    expect(glue).toMatchObject([{ Action: 'glue:GetSchemaVersion' }]);
    expect(glue[0]?.Resource.map((resource) => binary.readable(stack, resource))).toEqual([
      'arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:registry/millrace-prod-events',
      'arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:schema/millrace-prod-events/*',
    ]);
    expect(variablesOf(binary).BINARY_EVENTS).toBe('true');
  });

  test('has answered for what cdk-nag finds', () => {
    const app = newApp({ stage: 'prod', binaryEvents: true });
    addStage(app, realRegistry, { code: noCode });
    app.synth();
    const found = [new AwsSolutionsChecks(app), new ServerlessChecks(app)].flatMap(
      (pack) => pack.validateScope(app).violations,
    );
    expect(found.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

describe('the bundle of a function', () => {
  const bundle = async (reads: boolean): Promise<string> => {
    const { outputFiles, metafile } = await build({
      entryPoints: [join(import.meta.dirname, '../../lambdas/systems/profiles/handler.ts')],
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'],
      define: { 'process.env.BINARY_EVENTS': JSON.stringify(String(reads)) },
      logLevel: 'error',
    });
    expect(outputFiles).toHaveLength(1);
    const [output] = Object.values(metafile.outputs);
    return Object.entries(output?.inputs ?? {})
      .flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
      .join('\n');
  };
  const LIBRARIES = ['avsc/lib/types.js', 'protobufjs/src/reader.js', 'client-glue/'];

  test.each([
    [false, [false, false, false]],
    [true, [true, true, true]],
  ])('holds what reads Avro and Protobuf if it must: %s', async (reads, expected) => {
    const inputs = await bundle(reads);
    expect(LIBRARIES.map((library) => inputs.includes(library))).toEqual(expected);
  });
});

describe('an adapter of a stream', () => {
  const adapter: AdapterManifest = {
    kind: 'json',
    source: 'urn:web',
    type: 'page.viewed:1',
    subject: 'user',
    time: 'arrival',
    id: { from: 'content' },
    partitionKey: 'web/{subject}',
  };
  const registry = {
    ...realRegistry,
    streams: realRegistry.streams.map((stream) => (stream.name === 'shop' ? { ...stream, adapter } : stream)),
  };

  test('reaches the function that reads the stream as it stands in the manifest', () => {
    const variables = variablesOf(synthesize({ stage: 'dev' }, registry));
    expect(JSON.parse(variables.INPUT_ADAPTER)).toEqual(adapter);
    expect(variablesOf(plain).INPUT_ADAPTER).toBeUndefined();
  });

  test.each(['web', '{subject}{subject}'])('with the partition key %s is refused at synth', (partitionKey) => {
    const streams = registry.streams.map((stream) => ({ ...stream, adapter: { ...adapter, partitionKey } }));
    expect(() => checkRegistry({ ...registry, streams })).toThrow(
      `adapter.partitionKey is ${partitionKey}; allowed: a text with {subject} in it once`,
    );
  });

  const base = {
    METRIC_NAMESPACE: 'a',
    INPUT_STREAM: 'a',
    STATE_TABLE: 'a',
    CHECKPOINT_TABLE: 'a',
    DEAD_LETTER_QUEUE_URL: 'a',
    DEAD_LETTER_BUCKET: 'a',
    RETENTION_HOURS: '1',
  };

  test('is read back by the function, and refused by its variable where it is none', () => {
    expect(readEnvironment({ ...base, INPUT_ADAPTER: JSON.stringify(adapter) }).inputAdapter).toEqual(adapter);
    expect(readEnvironment(base).inputAdapter).toBeUndefined();
    expect(() => readEnvironment({ ...base, INPUT_ADAPTER: '{' })).toThrow(
      'Environment variable INPUT_ADAPTER is no JSON',
    );
    expect(() => readEnvironment({ ...base, INPUT_ADAPTER: '{"kind":"csv"}' })).toThrow(
      'INPUT_ADAPTER must be an adapter',
    );
  });
});
