import { DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import type { Settings } from '../config.ts';
import { given } from '../given.ts';

/** The CLI compares the bootstrap version by itself; without CDK's rule for it a template has neither rules nor parameters. */
export const synthesizer = ({ bootstrapQualifier }: Settings): IStackSynthesizer =>
  new DefaultStackSynthesizer({
    generateBootstrapVersionRule: false,
    ...given<{ qualifier: string }>({ qualifier: bootstrapQualifier }),
  }) as IStackSynthesizer;
