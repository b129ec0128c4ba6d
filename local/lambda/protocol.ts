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
  /** As the first message has it. Absent: the function runs by the machine's clock, whatever messages say. */
  readonly aheadMs?: number;
}

/** To the thread. */
export interface InvokeMessage {
  readonly requestId: string;
  /** The event, as JSON. */
  readonly event: string;
  /** Epoch milliseconds, by the cloud's clock. */
  readonly deadlineMs: number;
  /** Milliseconds by which the cloud's clock is ahead of the machine's as the event begins; until the next one the function has that time. */
  readonly aheadMs: number;
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
