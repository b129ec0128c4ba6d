/** A function as its template describes it. */
export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  /** Directory of the bundled code. */
  readonly directory: string;
  /** `index.handler`: module and export. */
  readonly handler: string;
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Invocations at a time, beyond which Lambda throttles; absent if not limited. */
  readonly reservedConcurrency?: number;
  readonly logGroup: string;
  /** With `JSON` the runtime tells the function's logger the level. */
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  /** Of what Lambda itself writes, in JSON; INFO if absent. */
  readonly systemLogLevel?: string;
}

/** Lambda's names of what goes wrong around a handler. */
export type RuntimeErrorType =
  | 'Sandbox.Timedout'
  | 'Runtime.ExitError'
  | 'Runtime.OutOfMemory'
  | 'Runtime.UnhandledError'
  | 'Runtime.InitError'
  | 'Function.ResponseSizeTooLarge';
