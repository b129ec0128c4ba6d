import type { Formats } from '../decode/formats.ts';
import { isFramed } from './header.ts';

/** Loads what reads framed records when the first one comes: a function that meets none starts without it. */
export function lazyFormats(load: () => Promise<Formats>): Formats {
  let loaded: Formats | undefined;
  return {
    isFramed,
    parse: (data) => {
      if (loaded === undefined) throw new Error('A framed record was not prepared');
      return loaded.parse(data);
    },
    prepare: async (records, signal) => {
      // Inside an aggregate there may be one, so aggregates (magic F3) are looked into as well.
      const needed = records.some(({ data }) => isFramed(data) || data[0] === 0xf3);
      if (loaded === undefined && !needed) return { held: new Map(), trouble: undefined };
      loaded ??= await load();
      return loaded.prepare(records, signal);
    },
  };
}
