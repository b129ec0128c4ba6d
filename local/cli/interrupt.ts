import { constants } from 'node:os';

/** The reason of an abort by a signal of the operating system. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** As a shell has it: 130 for Ctrl-C. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[];

/** A second signal this much later means that ending in order takes too long. A terminal and npm may each deliver one at once. */
const IMPATIENT_AFTER_MS = 1_000;

export interface Interrupts extends Disposable {
  /** Aborts with Interrupted at the first signal. */
  readonly signal: AbortSignal;
}

/** From now on signals end the command in order, and a second one, a second later, ends the process at once. */
export function catchInterrupts(): Interrupts {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    const interrupted = new Interrupted(signal);
    if (firstMs === undefined) {
      firstMs = Date.now();
      controller.abort(interrupted);
    } else if (Date.now() - firstMs >= IMPATIENT_AFTER_MS) process.exit(interrupted.exitCode);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
