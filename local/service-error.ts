/** A refusal as an AWS service words it: its code, and a message for people. */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
