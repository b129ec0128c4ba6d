import { CreateBucketCommand, DeleteBucketCommand } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { physicalName, type SupportedType, supported } from '../cloudformation/resource-type.ts';
import { REGION } from '../emulators/emulators.ts';
import { REASONS, type Services } from './services.ts';

/** AWS::S3::Bucket, in fauxqs. */
export const s3Bucket = ({ clients }: Services): SupportedType =>
  supported({
    honoured: z.strictObject({ BucketName: z.string().optional() }),
    ignored: {
      BucketEncryption: REASONS.encryption,
      PublicAccessBlockConfiguration: REASONS.access,
      OwnershipControls: REASONS.access,
      LifecycleConfiguration: 'no local cloud lives for days',
      VersioningConfiguration: 'nothing deletes or overwrites objects here; only the last version is kept',
      LoggingConfiguration: 'requests to buckets are not logged',
      Tags: REASONS.tags,
      AccessControl: REASONS.access,
    },
    create: async ({ BucketName }, context) => {
      const name = BucketName ?? physicalName(context, 63).toLowerCase();
      await clients.s3.send(new CreateBucketCommand({ Bucket: name }));
      return {
        ref: name,
        attributes: {
          Arn: `arn:aws:s3:::${name}`,
          DomainName: `${name}.s3.amazonaws.com`,
          RegionalDomainName: `${name}.s3.${REGION}.amazonaws.com`,
        },
      };
    },
    remove: async ({ ref }) => {
      await clients.s3.send(new DeleteBucketCommand({ Bucket: ref }));
    },
  });
