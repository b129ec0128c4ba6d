import type { PutObject } from './dead-letter-queue.ts';

/** Puts objects into a bucket. The client is loaded on first use: few batches ever hold a payload that large. */
export function s3PutObject(bucket: string): PutObject {
  let client: Promise<PutObject> | undefined;
  return async (key, body, signal) => {
    client ??= load(bucket);
    await (await client)(key, body, signal);
  };
}

async function load(bucket: string): Promise<PutObject> {
  const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  // Emulators serve buckets by path; S3 does so as well.
  const s3 = new S3Client({ maxAttempts: 1, forcePathStyle: process.env.AWS_ENDPOINT_URL_S3 !== undefined });
  return async (key, body, signal) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }), { abortSignal: signal });
  };
}
