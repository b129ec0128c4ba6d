/** What an environment's thread is started with. */
export interface WorkerData {
  /** Directory of the bundled code. */
  readonly directory: string;
  /** `index.handler`. */
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logStream: string;
}

/** To the thread. */
export interface InvokeMessage {
  readonly requestId: string;
  /** The event, as JSON. */
  readonly event: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
}

/** What a handler threw, as Lambda reports it. */
export interface ThrownError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** From the thread. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-failed'; readonly error: ThrownError }
  | { readonly kind: 'log'; readonly text: string }
  /** `payload` is what the handler returned, as JSON. */
  | { readonly kind: 'returned'; readonly requestId: string; readonly payload: string }
  | { readonly kind: 'threw'; readonly requestId: string; readonly error: ThrownError };
