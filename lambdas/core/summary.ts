import type { EventDefinition } from './catalogue.ts';

/** What a summary may say, made by whoever shows it: masked or not, in the reader's money. */
export interface SummaryWords {
  /** The event's subject. */
  readonly subject: string;
  /** Minor units as people write them: `EUR 8.90`. */
  money(minorUnits: number, currency: string): string;
}

/** One line for people about events of one type. */
export interface EventSummary {
  readonly type: string;
  /** @param data of the type's newest version, in which personal data may be masked by a text. */
  describe(data: unknown, words: SummaryWords): string;
}

/** Ties a summary to the data of its event's newest version. */
export const summaryOf = <Type extends string, Data>(
  { type }: EventDefinition<Type, Data>,
  describe: (data: Data, words: SummaryWords) => string,
): EventSummary => ({ type, describe: (data, words) => describe(data as Data, words) });
