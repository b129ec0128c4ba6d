/** A request that CloudWatch would refuse, or that the local cloud does not carry out. */
export class CloudWatchError extends Error {
  override readonly name = 'CloudWatchError';
  /** Name of the service's exception. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
