import { counted, plural } from '../cli/format.ts';
import { tallyOf } from '../cli/start/tally.ts';
import type { Produced } from './producers.ts';
import type { World } from './world.ts';

const PROGRESS_MS = 5_000;

/** Tells how far a run is, now and then, until it is disposed of. */
export function showProgress(world: World, produced: Produced, tell: (what: string) => void): Disposable {
  const timer = setInterval(() => tell(progressOf(world, produced)), PROGRESS_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** One line. */
export function progressOf({ cloud }: World, { accepted }: Produced): string {
  const { applied, duplicates } = tallyOf(cloud.metrics);
  return `${plural(accepted, 'record')} accepted, ${counted(applied)} applied, ${counted(duplicates)} repeats recognised`;
}
