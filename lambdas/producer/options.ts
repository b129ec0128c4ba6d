import type { Catalogue } from '../core/catalogue.ts';
import type { Clock } from './clock.ts';
import type { Undelivered } from './errors.ts';
import type { CallReport } from './metrics.ts';
import type { SettingsInput } from './settings.ts';

export interface SenderOptions extends SettingsInput {
  /** Judges type, version and data of events besides their envelope. */
  readonly catalogue?: Catalogue;
  /** Ends everything: calls are aborted, and all that is not known to be in the stream is undelivered. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Told of every call. Must not throw. */
  readonly onCall?: (report: CallReport) => void;
  /** Told the moment that something is given up; `flush` and `close` hand it over all the same. Must not throw. */
  readonly onUndelivered?: (undelivered: Undelivered) => void;
}

/** `signal` ends the waiting, not what is waited for. */
export interface Waits {
  readonly signal?: AbortSignal | undefined;
}
