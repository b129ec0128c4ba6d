import type { RejectionCode } from '../core/rejection.ts';

/** Sums over one invocation; the names are those of the metrics. */
export interface Counts {
  records: number;
  applied: number;
  duplicateByPosition: number;
  duplicateById: number;
  ignored: number;
  rejected: number;
  puts: number;
  putsBound: number;
  versionConflicts: number;
  ownWritesRecognised: number;
  effectsSent: number;
  effectsResent: number;
  youngIdsEvicted: number;
  blockedKeys: number;
  brokenBatches: number;
}

/** A key that a transient failure still blocks. */
export interface Blocked {
  readonly keyHash: string;
  readonly code: string;
  readonly message: string;
}

/** What became of a batch. */
export interface BatchReport {
  /** Sequence number of the earliest record that is not finished: Lambda delivers it and all after it again. */
  readonly failedFrom: string | undefined;
  readonly counts: Readonly<Counts>;
  readonly rejectedByCode: ReadonlyMap<RejectionCode, number>;
  /** Of each commit that applied an event: milliseconds from the arrival of its oldest event to the commit. */
  readonly freshnessMs: readonly number[];
  readonly blocked: readonly Blocked[];
  /** Anomalies that did not stop anything: a checkpoint or an attempt that could not be written. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** A report in the making. */
export class Tally {
  readonly counts: Counts = {
    records: 0,
    applied: 0,
    duplicateByPosition: 0,
    duplicateById: 0,
    ignored: 0,
    rejected: 0,
    puts: 0,
    putsBound: 0,
    versionConflicts: 0,
    ownWritesRecognised: 0,
    effectsSent: 0,
    effectsResent: 0,
    youngIdsEvicted: 0,
    blockedKeys: 0,
    brokenBatches: 0,
  };
  readonly rejectedByCode = new Map<RejectionCode, number>();
  readonly freshnessMs: number[] = [];
  readonly blocked: Blocked[] = [];
  readonly warnings: { code: string; message: string }[] = [];

  add(name: keyof Counts, count = 1): void {
    this.counts[name] += count;
  }

  rejected(code: RejectionCode): void {
    this.add('rejected');
    this.rejectedByCode.set(code, (this.rejectedByCode.get(code) ?? 0) + 1);
  }

  warn(code: string, message: string): void {
    this.warnings.push({ code, message });
  }

  report(failedFrom: string | undefined): BatchReport {
    const { counts, rejectedByCode, freshnessMs, blocked, warnings } = this;
    return { failedFrom, counts, rejectedByCode, freshnessMs, blocked, warnings };
  }
}
