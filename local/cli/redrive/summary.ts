import { mayGo, type Settled } from './carry-out.ts';

/** Sums over a run; the JSON that it ends with. */
export interface Summary {
  readonly system: string;
  readonly stage: string;
  readonly dryRun: boolean;
  /** Read: those that were wanted. In a dry run none is removed. Hidden: by somebody else, about, when it began. */
  readonly messages: { read: number; removed: number; left: number; foreign: number; hidden: number };
  readonly events: {
    sent: number;
    byLetter: number;
    forced: number;
    applied: number;
    resent: number;
    inStream: number;
    moved: number;
    ignored: number;
  };
  /** Messages that were left alone, by what they are. */
  readonly foreign: Record<string, number>;
  /** Events and records that stay, by why. */
  readonly left: Record<string, number>;
  /** What failed and may work later. */
  readonly failures: string[];
  /** false: the run ended before it had seen all messages, by Ctrl-C, failures or the limit. */
  complete: boolean;
  /** Letters of the edit file that no queue shows; none, if the run ended before it had seen all. */
  editsNotFound: readonly string[];
}

export const emptySummary = (system: string, stage: string, dryRun: boolean): Summary => ({
  system,
  stage,
  dryRun,
  messages: { read: 0, removed: 0, left: 0, foreign: 0, hidden: 0 },
  events: { sent: 0, byLetter: 0, forced: 0, applied: 0, resent: 0, inStream: 0, moved: 0, ignored: 0 },
  foreign: {},
  left: {},
  failures: [],
  complete: false,
  editsNotFound: [],
});

export function addForeign({ messages, foreign }: Summary, why: string): void {
  messages.foreign++;
  foreign[why] = (foreign[why] ?? 0) + 1;
}

/** Why an event stays, as a code; undefined if it does not. */
export function leftCode({ fate }: Pick<Settled, 'fate'>): string | undefined {
  if (mayGo(fate)) return undefined;
  if (fate.kind === 'obstacle') return fate.obstacle.code;
  return fate.kind === 'refused' ? fate.code : fate.kind;
}

export function addTo({ events, left }: Summary, settled: Settled): void {
  const { fate } = settled;
  const code = leftCode(settled);
  if (code !== undefined) left[code] = (left[code] ?? 0) + 1;
  else if (fate.kind === 'in-stream') events.inStream++;
  else if (fate.kind === 'sent' || fate.kind === 'applied' || fate.kind === 'moved' || fate.kind === 'ignored') {
    events[fate.kind]++;
    if (fate.kind === 'sent' && fate.proof === 'force') events.forced++;
    if (fate.kind === 'sent' && fate.proof === 'letter') events.byLetter++;
    if (fate.kind === 'applied') events.resent += fate.resent ?? 0;
  }
}
