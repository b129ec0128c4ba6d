// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes placeholders in plain text.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A stack to write into an assembly. */
export interface StackFixture {
  readonly template: object;
  readonly dependencies?: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A cloud assembly on disk, as `cdk synth` writes it, made by hand. */
export interface AssemblyFixture extends Disposable {
  readonly directory: string;
}

/**
 * Writes an assembly into a temporary directory, which goes when the fixture is disposed of.
 *
 * @param stacks by name.
 * @param assets directories by the key under which the CDK would upload them.
 */
export function writeAssembly(
  stacks: Readonly<Record<string, StackFixture>>,
  assets: Readonly<Record<string, string>> = {},
): AssemblyFixture {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-assembly-'));
  const write = (file: string, json: object) => writeFileSync(join(directory, file), JSON.stringify(json));
  const artifacts: Record<string, object> = { Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } } };
  for (const [name, { template, dependencies = [], parameters = {} }] of Object.entries(stacks)) {
    write(`${name}.template.json`, template);
    write(`${name}.assets.json`, { version: '55.0.0', files: fileAssets(assets) });
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json`, parameters },
      dependencies: [`${name}.assets`, ...dependencies],
    };
  }
  for (const [key, source] of Object.entries(assets)) {
    mkdirSync(join(directory, `asset.${key}`));
    cpSync(source, join(directory, `asset.${key}`), { recursive: true });
  }
  write('manifest.json', { version: '55.0.0', artifacts });
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

function fileAssets(assets: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.keys(assets).map((key) => [
      key,
      {
        source: { path: `asset.${key}`, packaging: 'zip' },
        destinations: { here: { bucketName: 'assets-${AWS::AccountId}', objectKey: key } },
      },
    ]),
  );
}
