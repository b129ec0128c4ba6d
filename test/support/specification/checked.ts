import { inspect, isDeepStrictEqual } from 'node:util';
import { type Catalogue, newestVersion } from '../../../lambdas/core/catalogue.ts';
import type { Effect, PublishEffect } from '../../../lambdas/core/effect.ts';
import { type CloudEvent, dataSchemaOf } from '../../../lambdas/core/event.ts';
import type { SystemManifest } from '../../../lambdas/core/manifest.ts';
import type { Processor, Reduction } from '../../../lambdas/core/processor.ts';
import { aYearLater, deepFreeze } from './purity.ts';
import { unstorable } from './storable.ts';

/** A promise of every processor that this one breaks: no expectation about it can hold. */
export class BrokenPromise extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'BrokenPromise';
  }
}

/** What a processor's effects are held against. */
export interface Surroundings {
  readonly catalogue: Catalogue;
  /** Where effects may go; absent, anywhere. */
  readonly manifest: SystemManifest | undefined;
}

/** A processor that notes what it breaks: folding swallows what a reducer throws, so it is kept here. */
export interface Checked<State extends object> {
  readonly processor: Processor<State>;
  readonly broken: BrokenPromise[];
  /** What the reducer threw, latest last. */
  readonly thrown: unknown[];
}

/** The same processor, but frozen arguments, run twice a year apart, with its states and effects judged. */
export function checked<State extends object>(processor: Processor<State>, around: Surroundings): Checked<State> {
  const broken: BrokenPromise[] = [];
  const thrown: unknown[] = [];
  const guarded: Processor<State> = {
    ...processor,
    state: { ...processor.state, initial: (key) => deepFreeze(processor.state.initial(key)) },
    reduce: (state, event) => {
      try {
        return reduceTwice(processor, deepFreeze(state), deepFreeze(event), around);
      } catch (error) {
        if (error instanceof BrokenPromise) broken.push(error);
        else thrown.push(error);
        throw error;
      }
    },
  };
  const { effectsOfCommit } = processor;
  if (effectsOfCommit === undefined) return { processor: guarded, broken, thrown };
  const twice: NonNullable<typeof effectsOfCommit> = (row) => {
    const what = `${processor.name}.effectsOfCommit`;
    const run = (): readonly Effect[] => unlessWritten(what, () => effectsOfCommit.call(processor, deepFreeze(row)));
    const effects = bothTimes(what, run);
    judgeEffects(effects, around);
    return effects;
  };
  return { processor: { ...guarded, effectsOfCommit: twice }, broken, thrown };
}

function reduceTwice<State extends object>(
  processor: Processor<State>,
  state: State,
  event: CloudEvent,
  around: Surroundings,
): Reduction<State> {
  const what = `${processor.name}.reduce on ${event.type}`;
  const run = (): Reduction<State> => {
    const reduction = unlessWritten(what, () => processor.reduce(state, event));
    const trouble = unstorable(reduction.state, 'state');
    if (trouble !== undefined) throw new BrokenPromise(`${what} made a state that no row can hold: ${trouble}`);
    return reduction;
  };
  const reduction = bothTimes(what, run);
  judgeEffects(reduction.effects ?? [], around);
  return reduction;
}

function unlessWritten<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (isWriteToFrozen(error)) throw new BrokenPromise(`${what} changed what it was given: ${error.message}`);
    throw error;
  }
}

function bothTimes<T>(what: string, run: () => T): T {
  const once = run();
  const again = aYearLater(run);
  if (isDeepStrictEqual(once, again)) return once;
  throw new BrokenPromise(
    `${what} is not pure: the same arguments gave\n${inspect(once, { depth: 8 })}\nand, a year later,\n${inspect(again, { depth: 8 })}`,
  );
}

/** V8's wording; writing to a frozen object in strict mode is the only thing that says so. */
const isWriteToFrozen = (error: unknown): error is TypeError =>
  error instanceof TypeError &&
  /read only property|object is not extensible|Cannot delete property|Cannot redefine property/.test(error.message);

function judgeEffects(effects: readonly Effect[], around: Surroundings): void {
  for (const effect of effects) {
    const trouble =
      unstorable(effect, effect.kind) ??
      misdirected(effect, around.manifest) ??
      (effect.kind === 'publish' ? unpublishable(effect, around.catalogue) : undefined);
    if (trouble !== undefined) throw new BrokenPromise(`An effect cannot be sent: ${trouble}`);
  }
}

function misdirected(effect: Effect, manifest: SystemManifest | undefined): string | undefined {
  if (manifest === undefined) return undefined;
  if (effect.kind === 'publish' && !manifest.outputStreams.includes(effect.stream)) {
    return `the manifest of ${manifest.name} lists no output stream ${effect.stream}`;
  }
  if (effect.kind === 'alert' && !manifest.alertQueues.includes(effect.queue)) {
    return `the manifest of ${manifest.name} lists no alert queue ${effect.queue}`;
  }
  return undefined;
}

function unpublishable({ type, dataschema, subject, data }: PublishEffect, catalogue: Catalogue): string | undefined {
  const definition = catalogue.get(type);
  if (definition === undefined) return `the catalogue has no type ${type}`;
  const newest = dataSchemaOf(type, newestVersion(definition));
  if (dataschema !== newest) return `its dataschema is ${dataschema}, the newest is ${newest}`;
  if (subject.length === 0 || subject.length > 256) return 'its subject, a partition key, needs 1 to 256 characters';
  const parsed = definition.versions.at(-1)?.schema.safeParse(data);
  if (parsed?.success !== true) return `its data do not satisfy ${newest}: ${parsed?.error.message}`;
  const lost = isDeepStrictEqual(JSON.parse(JSON.stringify(parsed.data)), JSON.parse(JSON.stringify(data)));
  return lost ? undefined : `its data hold members that ${newest} does not know`;
}
