import type { Outbox } from '../core/effect.ts';
import { migrate, type Processor } from '../core/processor.ts';
import { rejection } from '../core/rejection.ts';
import { checkRowEffect } from '../core/reserved-attribute.ts';
import type { Row } from '../core/row.ts';
import { attempt } from './attempt.ts';
import { commitEffectId, effectId } from './identity.ts';
import {
  type AddressedEffect,
  type DeadLetter,
  type DeadLetters,
  type EffectSink,
  type SendResult,
  TransientError,
} from './ports.ts';

/** The effects of a committed row, in order: those of its events, then those of the commit. What pure code throws passes through. */
export function effectsOf<State extends object>(processor: Processor<State>, row: Row): readonly AddressedEffect[] {
  if (row.outbox === undefined) return [];
  const sender = { processor: processor.name, key: row.key, epoch: row.epoch, version: row.version };
  const ofEvents = row.outbox.effects.map(({ cause, index, effect }) => ({
    ...sender,
    id: effectId(processor.name, row.key, cause, index),
    cause,
    effect,
  }));
  return [...ofEvents, ...effectsOfCommit(processor, row, row.outbox, sender)];
}

function effectsOfCommit<State extends object>(
  processor: Processor<State>,
  row: Row,
  { commit: cause }: Outbox,
  sender: Pick<AddressedEffect, 'processor' | 'key' | 'epoch' | 'version'>,
): readonly AddressedEffect[] {
  if (cause === undefined || processor.effectsOfCommit === undefined) return [];
  const state = migrate(processor.state, row.schema, row.state);
  return processor.effectsOfCommit({ key: row.key, version: row.version, state }).map((effect, index) => {
    if (effect.kind === 'row') checkRowEffect(effect);
    return { ...sender, id: commitEffectId(processor.name, row, cause, index), cause, effect };
  });
}

/** The effects of several rows on their way out, and what became of each row's. */
export interface Delivery {
  /** Ids of the effects accepted by their sinks. */
  readonly accepted: readonly string[];
  /** Ids of those that their sinks refuse for good and that are kept as dead letters. */
  readonly refused: readonly string[];
  /** Why not all of the row's effects are out. */
  readonly trouble: TransientError | undefined;
}

/** Sends the effects of rows, one call for all, and dead-letters those that are refused for good. Results in the order of `rows`. */
export async function deliver(
  rows: readonly (readonly AddressedEffect[])[],
  sink: EffectSink,
  deadLetters: DeadLetters,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const effects = rows.flat();
  if (effects.length === 0) return rows.map(() => ({ accepted: [], refused: [], trouble: undefined }));
  const sent = await attempt(signal, () => sink.send(effects, signal));
  const results =
    sent instanceof TransientError ? effects.map(() => sent) : await bury(effects, sent, deadLetters, signal);
  let at = 0;
  return rows.map((row) => {
    const own = results.slice(at, at + row.length);
    at += row.length;
    const idsOf = (kind: 'accepted' | 'refused'): readonly string[] =>
      row.filter((_, nth) => isKind(own[nth], kind)).map(({ id }) => id);
    return {
      accepted: idsOf('accepted'),
      refused: idsOf('refused'),
      trouble: own.find((result) => result instanceof TransientError),
    };
  });
}

const isKind = (result: SendResult | undefined, kind: 'accepted' | 'refused'): boolean =>
  result !== undefined && !(result instanceof TransientError) && result.kind === kind;

/** Refused effects become dead letters under their own ids; one that cannot be kept yet is not out yet. */
async function bury(
  effects: readonly AddressedEffect[],
  results: readonly SendResult[],
  deadLetters: DeadLetters,
  signal: AbortSignal,
): Promise<readonly SendResult[]> {
  const refused: { index: number; letter: DeadLetter }[] = [];
  results.forEach((result, index) => {
    const effect = effects[index];
    if (effect === undefined || result instanceof TransientError || result.kind !== 'refused') return;
    refused.push({ index, letter: letterOf(effect, result.message) });
  });
  if (refused.length === 0) return results;
  const kept = await attempt(signal, () =>
    deadLetters.put(
      refused.map(({ letter }) => letter),
      signal,
    ),
  );
  const final = [...results];
  refused.forEach(({ index }, nth) => {
    const result = kept instanceof TransientError ? kept : kept[nth];
    if (result !== undefined) final[index] = result;
  });
  return final;
}

const letterOf = ({ id, processor, effect, cause, version }: AddressedEffect, message: string): DeadLetter => ({
  id,
  processor,
  cause: rejection('effect.refused', message, { kind: effect.kind, causedBy: cause.id, version }),
  payload: Buffer.from(JSON.stringify(effect)),
});
