import { decide, type Request, statementsOf } from './policy.ts';
import { synthesize } from './synth.ts';
import type { Templates } from './templates.ts';

/** The stage whose policies are asked, and names of what they are about, as `Templates.readable` writes them. */
export const prod = synthesize({ stage: 'prod' });

export const policyOf = (templates: Templates, name: string) =>
  templates.one('AWS::IAM::ManagedPolicy', `${name}/Resource`);

export const decisionOf = (name: string, request: Request, templates = prod) =>
  decide(statementsOf(templates, policyOf(templates, name)), request);

export const SHOP = '<ShopStream/Stream.Arn>';
export const UPDATES = '<ProfileUpdatesStream/Stream.Arn>';
export const TABLE = '<ProfilesTable/Table.Arn>';
export const INDEX = `${TABLE}/index/bySegment`;
export const CHECKPOINTS = '<ProfilesCheckpoints/Table.Arn>';
export const DEAD_LETTERS = '<ProfilesDeadLetters/Queue.Arn>';
export const ON_FAILURE = '<ProfilesOnFailureQueue.Arn>';
export const LETTER = '<ProfilesDeadLetters/Payloads.Arn>/dead-letters/2026/x';
export const MAPPING = '<Profiles/Mapping.EventSourceMappingArn>';
export const FUNCTION = '<Profiles/Function/Resource.Arn>';
export const LOGS = '<Profiles/Function/Logs.Arn>';
export const KEY = '<DataKey.Arn>';

export const through = (service: string) => ({ 'kms:ViaService': `${service}.<AWS::Region>.<AWS::URLSuffix>` });

export type Case = [action: string, resource: string, context?: Request['context']];
