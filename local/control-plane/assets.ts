import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { unzipSync } from 'fflate';
import { ServiceError } from '../service-error.ts';

/** What the CDK CLI has uploaded: templates, and archives of functions, unpacked into a temporary directory. */
export class Assets implements AsyncDisposable {
  readonly #s3: S3Client;
  readonly #unpacked = new Map<string, Promise<string>>();
  #root: Promise<string> | undefined;

  constructor(s3: S3Client) {
    this.#s3 = s3;
  }

  /**
   * The directory of an archive. Keys of assets are hashes of their content, so that each is unpacked once.
   *
   * @throws ServiceError if there is no such object, or it is no archive.
   */
  directory(key: string, bucket: string): Promise<string> {
    const id = `${bucket}/${key}`;
    const unpacked = this.#unpacked.get(id) ?? this.#unpack(key, bucket);
    this.#unpacked.set(id, unpacked);
    unpacked.catch(() => this.#unpacked.delete(id));
    return unpacked;
  }

  /** A template by the URL of its object, virtual-hosted or path style. */
  async template(url: string): Promise<string> {
    const { hostname, pathname } = new URL(url);
    const path = decodeURIComponent(pathname.slice(1));
    const [, hosted] = /^(.+)\.s3[.-]/.exec(hostname) ?? [];
    const slash = path.indexOf('/');
    const [bucket, key] = hosted === undefined ? [path.slice(0, slash), path.slice(slash + 1)] : [hosted, path];
    return Buffer.from(await this.#object(key, bucket)).toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#root !== undefined) await rm(await this.#root, { recursive: true, force: true });
  }

  async #unpack(key: string, bucket: string): Promise<string> {
    const files = unzipped(await this.#object(key, bucket), `${bucket}/${key}`);
    this.#root ??= mkdtemp(join(tmpdir(), 'millrace-assets-'));
    const directory = await mkdtemp(join(await this.#root, 'asset-'));
    for (const [name, content] of Object.entries(files)) {
      const file = resolve(directory, name);
      if (!file.startsWith(directory + sep)) throw new ServiceError('ValidationError', `${key} leaves its directory`);
      if (name.endsWith('/')) continue;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return directory;
  }

  async #object(Key: string, Bucket: string): Promise<Uint8Array> {
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (cause) {
      const message = `Object ${Key} of bucket ${Bucket} cannot be read: ${(cause as Error).message}`;
      throw new ServiceError('ValidationError', message, { cause });
    }
  }
}

function unzipped(archive: Uint8Array, where: string): Record<string, Uint8Array> {
  try {
    return unzipSync(archive);
  } catch (cause) {
    throw new ServiceError('ValidationError', `${where} is no archive: ${(cause as Error).message}`, { cause });
  }
}
