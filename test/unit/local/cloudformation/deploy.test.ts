// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes placeholders in plain text.

import { z } from 'zod';
import { readAssembly } from '../../../../local/cloudformation/assembly.ts';
import { deploy } from '../../../../local/cloudformation/deploy.ts';
import { physicalName, supported } from '../../../../local/cloudformation/resource-type.ts';
import type { ResourceTypes } from '../../../../local/cloudformation/stack-resources.ts';
import { type StackFixture, writeAssembly } from '../../../support/assembly.ts';

/** Makes things that remember their properties, in the order in which they were made. */
function world() {
  const made: string[] = [];
  const types: ResourceTypes = {
    'Test::Thing': supported({
      honoured: z.strictObject({
        Name: z.string().optional(),
        Uses: z.unknown().optional(),
        Nested: z.strictObject({ A: z.int() }).optional(),
      }),
      ignored: { Tags: 'nobody reads them here' },
      create: async ({ Name, Uses }, context) => {
        const ref = Name ?? physicalName(context, 40);
        made.push(context.logicalId);
        return { ref, attributes: { Arn: `arn:${ref}`, Uses: JSON.stringify(Uses) ?? '' } };
      },
      remove: async () => undefined,
    }),
    'Test::Policy': {
      kind: 'ignored',
      reason: 'nothing checks it',
      identity: ({ logicalId }) => ({ ref: `policy-${logicalId}`, attributes: {} }),
    },
  };
  return { made, types };
}

const environment = { region: 'us-east-1', accountId: '000000000000' };

async function deployed(stacks: Record<string, StackFixture>) {
  using fixture = writeAssembly(stacks);
  const { made, types } = world();
  const result = await deploy(readAssembly(fixture.directory), types, environment);
  return { made, stacks: new Map(result.map((stack) => [stack.name, stack])) };
}

const thing = (properties: object = {}, rest: object = {}) => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...rest,
});
const one = (template: object) => ({ S: { template } });

describe('deploying an assembly', () => {
  test('makes resources after those that they refer to or depend on, whatever their order in the template', async () => {
    const { made } = await deployed(
      one({
        Resources: {
          D: thing({}, { DependsOn: 'C' }),
          C: thing({ Uses: { 'Fn::Sub': '${B.Arn}' } }),
          B: thing({ Uses: [{ 'Fn::GetAtt': ['A', 'Arn'] }] }),
          A: thing(),
        },
      }),
    );
    expect(made).toEqual(['A', 'B', 'C', 'D']);
  });

  test('carries exported values from stack to stack, in the order of the manifest', async () => {
    const { stacks } = await deployed({
      Late: {
        dependencies: ['Early'],
        template: { Resources: { R: thing({ Uses: { 'Fn::ImportValue': 'Early:Name' } }) } },
      },
      Early: {
        template: {
          Resources: { R: thing({ Name: 'shared' }) },
          Outputs: { Name: { Value: { Ref: 'R' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Name' } } } },
        },
      },
    });
    expect(stacks.get('Early')?.outputs).toEqual({ Name: 'shared' });
    expect(stacks.get('Late')?.resources.get('R')?.attributes.Uses).toBe('"shared"');
  });

  test('knows the pseudo-parameters', async () => {
    const names = ['Region', 'AccountId', 'Partition', 'URLSuffix', 'StackName'].map((name) => ({
      Ref: `AWS::${name}`,
    }));
    const { stacks } = await deployed(
      one({ Resources: { R: thing() }, Outputs: { All: { Value: { 'Fn::Join': ['|', names] } } } }),
    );
    expect(stacks.get('S')?.outputs.All).toBe('us-east-1|000000000000|aws|amazonaws.com|S');
  });

  test('takes parameters from the manifest before their defaults', async () => {
    const { stacks } = await deployed({
      S: {
        parameters: { Given: 'from manifest' },
        template: {
          Parameters: {
            Given: { Type: 'String', Default: 'default' },
            Left: { Type: 'CommaDelimitedList', Default: 'a,b' },
          },
          Resources: { R: thing({ Uses: [{ Ref: 'Given' }, { Ref: 'Left' }] }) },
        },
      },
    });
    expect(stacks.get('S')?.resources.get('R')?.attributes.Uses).toBe('["from manifest",["a","b"]]');
  });

  test('leaves out resources and outputs whose condition is false', async () => {
    const { made, stacks } = await deployed(
      one({
        Conditions: { Never: { 'Fn::Not': [{ Condition: 'Always' }] }, Always: { 'Fn::Equals': ['a', 'a'] } },
        Resources: { Kept: thing({}, { Condition: 'Always' }), Left: thing({}, { Condition: 'Never' }) },
        Outputs: { Gone: { Condition: 'Never', Value: { Ref: 'Left' } } },
      }),
    );
    expect(made).toEqual(['Kept']);
    expect(stacks.get('S')?.outputs).toEqual({});
  });

  test('ignored resources are names that others can refer to, and their properties do not matter', async () => {
    const { stacks } = await deployed(
      one({
        Resources: {
          P: { Type: 'Test::Policy', Properties: { Document: { 'Fn::Cidr': ['unknown'] } } },
          R: thing({ Uses: { Ref: 'P' } }),
        },
      }),
    );
    expect(stacks.get('S')?.resources.get('P')?.ignored).toBe('nothing checks it');
    expect(stacks.get('S')?.resources.get('R')?.attributes.Uses).toBe('"policy-P"');
  });

  test('names what the template does not name the same at every start, and differently for each resource', async () => {
    const template = one({ Resources: { A: thing(), B: thing() } });
    const names = async () =>
      [...((await deployed(template)).stacks.get('S')?.resources.values() ?? [])].map(({ ref }) => ref);
    const first = await names();
    expect(first).toEqual([expect.stringMatching(/^S-A-[0-9A-F]{12}$/), expect.stringMatching(/^S-B-[0-9A-F]{12}$/)]);
    expect(await names()).toEqual(first);
  });
});

describe('refused by name', () => {
  const ring = {
    Resources: { A: thing({ Uses: { Ref: 'B' } }), B: thing({ Uses: { Ref: 'C' } }), C: thing({ Uses: { Ref: 'A' } }) },
  };

  test.each<[string, Record<string, StackFixture>, string, RegExp]>([
    [
      'an unknown type',
      one({ Resources: { X: { Type: 'AWS::Redshift::Cluster' } } }),
      'template.unsupported-type',
      /S\/X: .*AWS::Redshift::Cluster/,
    ],
    [
      'a property that is not honoured',
      one({ Resources: { X: thing({ Colour: 'red' }) } }),
      'template.unsupported-property',
      /S\/X Properties: Colour: neither honoured nor ignored/,
    ],
    [
      'a nested one',
      one({ Resources: { X: thing({ Nested: { A: 1, B: 2 } }) } }),
      'template.unsupported-property',
      /Nested\.B: neither/,
    ],
    [
      'a malformed property',
      one({ Resources: { X: thing({ Name: ['x'] }) } }),
      'template.unsupported-property',
      /S\/X Properties: Name: /,
    ],
    [
      'an unknown intrinsic',
      one({ Resources: { X: thing({ Uses: { 'Fn::GetAZs': '' } }) } }),
      'template.unknown-intrinsic',
      /S\/X Properties\.Uses: Fn::GetAZs/,
    ],
    ['a ring of references', one(ring), 'template.cycle', /S: resources need each other: A → B → C → A/],
    [
      'a ring of conditions',
      one({ Conditions: { A: { 'Fn::Not': [{ Condition: 'A' }] } }, Resources: { X: thing({}, { Condition: 'A' }) } }),
      'template.cycle',
      /conditions need each other: A → A/,
    ],
    [
      'a reference to nothing',
      one({ Resources: { X: thing({ Uses: { Ref: 'Nowhere' } }) } }),
      'template.unresolved-reference',
      /there is no Nowhere/,
    ],
    [
      'an unknown attribute',
      one({ Resources: { X: thing(), Y: thing({ Uses: { 'Fn::GetAtt': ['X', 'Colour'] } }) } }),
      'template.unresolved-reference',
      /X \(Test::Thing\) has no attribute Colour here; it has: Arn, Uses/,
    ],
    [
      'an import of nothing',
      one({ Resources: { X: thing({ Uses: { 'Fn::ImportValue': 'E' } }) } }),
      'template.unresolved-reference',
      /exports E; exported is: nothing/,
    ],
    [
      'a parameter without a value',
      one({ Parameters: { P: { Type: 'String' } }, Resources: { X: thing({ Uses: { Ref: 'P' } }) } }),
      'template.unresolved-reference',
      /parameter P of type String has no value/,
    ],
    [
      'a parameter of the SSM store',
      one({
        Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' } },
        Resources: { X: thing({ Uses: { Ref: 'P' } }) },
      }),
      'template.unresolved-reference',
      /parameter P of type AWS::SSM/,
    ],
    [
      'an unknown section',
      one({ Transform: 'AWS::Serverless-2016-10-31', Resources: {} }),
      'template.invalid',
      /S: .*Transform/,
    ],
    [
      'a ring of stacks',
      {
        A: { template: { Resources: {} }, dependencies: ['B'] },
        B: { template: { Resources: {} }, dependencies: ['A'] },
      },
      'assembly.cycle',
      /A → B → A/,
    ],
  ])('%s', async (_, stacks, code, message) => {
    await expect(deployed(stacks)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a type is refused before anything is made', async () => {
    using fixture = writeAssembly({
      First: { template: { Resources: { A: thing() } } },
      Second: { template: { Resources: { B: { Type: 'AWS::Redshift::Cluster' } } } },
    });
    const { made, types } = world();
    await expect(deploy(readAssembly(fixture.directory), types, environment)).rejects.toThrow(/Redshift/);
    expect(made).toEqual([]);
  });

  test('a directory without an assembly', () => {
    expect(() => readAssembly('/nowhere')).toThrow(/manifest\.json: cannot be read as JSON; synthesize the app first/);
  });

  test('an asset that is not there', () => {
    using fixture = writeAssembly({});
    expect(() => readAssembly(fixture.directory).assetDirectory('k.zip', 'S/F')).toThrow(
      /S\/F: there is no asset k\.zip/,
    );
  });
});
