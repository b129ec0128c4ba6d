import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { strToU8, zipSync } from 'fflate';
import { localClients, type OwnedClients } from '../../../../local/clients.ts';
import { Assets } from '../../../../local/control-plane/assets.ts';
import { type Emulators, startEmulators } from '../../../../local/emulators/emulators.ts';

let emulators: Emulators;
let owned: OwnedClients;
let assets: Assets;

beforeAll(async () => {
  emulators = await startEmulators();
  owned = localClients(emulators.endpoints);
  assets = new Assets(owned.clients.s3);
  await owned.clients.s3.send(new CreateBucketCommand({ Bucket: 'assets' }));
});

afterAll(async () => {
  await assets[Symbol.asyncDispose]();
  owned.destroy();
  await emulators.stop();
});

const upload = (Key: string, Body: Uint8Array) =>
  owned.clients.s3.send(new PutObjectCommand({ Bucket: 'assets', Key, Body }));

const archive = (files: Readonly<Record<string, string>>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

describe('uploaded assets', () => {
  test('archives are unpacked with their directories, each once', async () => {
    await upload('code.zip', archive({ 'index.mjs': 'export {}', 'lib/part.mjs': 'part' }));
    const directory = await assets.directory('code.zip', 'assets');
    expect(readFileSync(join(directory, 'index.mjs'), 'utf8')).toBe('export {}');
    expect(readFileSync(join(directory, 'lib/part.mjs'), 'utf8')).toBe('part');
    expect(await assets.directory('code.zip', 'assets')).toBe(directory);
  });

  test.each([
    ['leaves its directory', archive({ '../outside.mjs': 'x' }), /leaves its directory/],
    ['is no archive', strToU8('plain'), /assets\/broken\.zip is no archive/],
  ])('an archive that %s is refused', async (_, body, message) => {
    await upload('broken.zip', body);
    await expect(assets.directory('broken.zip', 'assets')).rejects.toThrow(message);
  });

  test('an object that is not there is named, and found once it is', async () => {
    await expect(assets.directory('late.zip', 'assets')).rejects.toThrow(/late\.zip of bucket assets cannot be read/);
    await upload('late.zip', archive({ 'index.mjs': 'late' }));
    expect(readFileSync(join(await assets.directory('late.zip', 'assets'), 'index.mjs'), 'utf8')).toBe('late');
  });

  test.each([
    'https://s3.us-east-1.amazonaws.com/assets/stack.json',
    'https://assets.s3.us-east-1.amazonaws.com/stack.json',
  ])('templates are read by their URL: %s', async (url) => {
    await upload('stack.json', strToU8('{"Resources":{}}'));
    expect(await assets.template(url)).toBe('{"Resources":{}}');
  });
});
