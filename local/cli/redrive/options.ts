/** Options of `millrace redrive`. */
export interface RedriveOptions {
  readonly stage: string;
  readonly send: boolean;
  readonly dryRun: boolean;
  /** Sends what cannot be proven not to have been applied. */
  readonly force: boolean;
  /** Takes the row's ids alone for a proof, and no dead letter's word. */
  readonly strict: boolean;
  /** Reasons of messages; empty for all. */
  readonly reason: readonly string[];
  /** Messages of each queue at most. */
  readonly limit: number;
  /** Events per second. */
  readonly rate: number;
  /** URL of a queue to read instead of the system's two. */
  readonly queue?: string;
  /** File with corrected events: only their letters are taken. */
  readonly edit?: string;
  /** File to write dead letters to. */
  readonly export?: string;
  readonly json: boolean;
}

/** The command as it was given, but for what it does with the messages: to go on with. */
export const commandLine = (system: string, { stage, reason, queue, edit, force, strict }: RedriveOptions): string =>
  [
    `npx millrace redrive ${system}`,
    ...(stage === 'local' ? [] : [`--stage ${stage}`]),
    ...reason.map((code) => `--reason ${code}`),
    ...(queue === undefined ? [] : [`--queue ${queue}`]),
    ...(edit === undefined ? [] : [`--edit ${edit}`]),
    ...(force ? ['--force'] : []),
    ...(strict ? ['--strict'] : []),
  ].join(' ');
