import { DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';

/** The CLI compares the bootstrap version by itself; without CDK's rule for it a template has neither rules nor parameters. */
export const synthesizer = (): IStackSynthesizer =>
  new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer;
