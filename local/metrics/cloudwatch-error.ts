import { ServiceError } from '../service-error.ts';

/** A request that CloudWatch would refuse, or that the local cloud does not carry out. */
export class CloudWatchError extends ServiceError {
  override readonly name = 'CloudWatchError';
}
