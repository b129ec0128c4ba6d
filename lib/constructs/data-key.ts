import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

export interface DataKeyProps {
  readonly description: string;
  /** What happens to the key with its stack. Whatever is encrypted with a deleted key is lost. Default: retained. */
  readonly removalPolicy?: RemovalPolicy;
}

/** A customer managed key that rotates every year and whose use is granted by IAM policies of its own account alone. */
export class DataKey extends Key {
  constructor(scope: Construct, id: string, props: DataKeyProps) {
    super(scope, id, {
      description: props.description,
      enableKeyRotation: true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }
}
