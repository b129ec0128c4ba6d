import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../bundle.ts';

/** Directories of code that somebody may deploy in place of a function's own. */
export interface Deployments extends Disposable {
  /** Throws whatever it gets. */
  readonly throwing: string;
  /** Says that it hangs, and never answers. */
  readonly hanging: string;
  /** The processor of the profiles, whose reducer throws. */
  readonly brokenReducer: string;
  /** The processor of the profiles in its next release, which writes rows of a version that this one does not know. */
  readonly nextRelease: string;
}

const processorWith = (change: string): string => `
  import { createHandler } from './lambdas/aws/handler.ts';
  import { catalogue } from './lambdas/systems/catalogue.ts';
  import { profilesProcessor } from './lambdas/systems/profiles/processor.ts';
  const { state } = profilesProcessor;
  export const handler = createHandler({ ...profilesProcessor, ${change} }, catalogue);`;

/** What the code that hangs writes. */
export const HANGS = 'I hang';

const BROKEN_REDUCER = "reduce: () => { throw new Error('a mistake in the reducer'); }";
const NEXT_STATE =
  'state: { ...state, version: state.version + 1, migrations: { ...state.migrations, [state.version]: (s) => s } }';

export async function deployments(): Promise<Deployments> {
  const root = mkdtempSync(join(tmpdir(), 'millrace-deployments-'));
  const written = (name: string, source: string): string => {
    const directory = join(root, name);
    mkdirSync(directory);
    writeFileSync(join(directory, 'index.mjs'), source);
    return directory;
  };
  const [brokenReducer, nextRelease] = await Promise.all(
    [BROKEN_REDUCER, NEXT_STATE].map((change) => bundle(processorWith(change))),
  );
  if (brokenReducer === undefined || nextRelease === undefined) throw new Error('both were bundled');
  return {
    throwing: written('throwing', "export const handler = async () => { throw new Error('a mistake'); };"),
    hanging: written('hanging', `export const handler = () => new Promise(() => console.log('${HANGS}'));`),
    brokenReducer: brokenReducer.directory,
    nextRelease: nextRelease.directory,
    [Symbol.dispose]: () => {
      brokenReducer[Symbol.dispose]();
      nextRelease[Symbol.dispose]();
      rmSync(root, { recursive: true });
    },
  };
}
