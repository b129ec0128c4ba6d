import type { Clients } from '../clients.ts';
import { ACCOUNT_ID, REGION } from '../emulators/emulators.ts';
import type { MappingSettings } from '../esm/types.ts';
import type { LocalApi } from '../http/api.ts';
import type { FunctionDefinition } from '../lambda/definition.ts';
import type { Alarm } from '../metrics/alarm.ts';
import type { SnsApi } from './sns-api.ts';

/** An event source mapping that a stack has. */
export interface MappingDefinition {
  readonly stack: string;
  readonly logicalId: string;
  readonly settings: MappingSettings;
  readonly enabled: boolean;
  /** MetricsConfig asks for EventCount: the event counts are then emitted under the mapping's UUID. */
  readonly countsEvents: boolean;
}

/** Where resources come to be: in the emulators, or, what Millrace itself runs, in lists. */
export interface Services {
  readonly clients: Clients;
  readonly sns: SnsApi;
  readonly functions: FunctionDefinition[];
  readonly mappings: MappingDefinition[];
  readonly alarms: Alarm[];
  /** Each listens already. */
  readonly apis: LocalApi[];
}

/** `arn:aws:<service>:us-east-1:000000000000:<resource>`. */
export const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${resource}`;

/** Reasons for ignoring properties that many types have. */
export const REASONS = {
  tags: 'tags are for bills and access rules, and there are none here',
  encryption: 'data lies in the memory of one process',
  protection: 'everything goes when the local cloud stops',
  access: 'nothing checks permissions here',
  text: 'a text for people',
  registry: 'nothing here asks the registry: events are JSON, whose schemas are in the code',
} as const;

/** Replaces the one element that fits, if it is there. */
export function replaceOnly<T>(list: T[], fits: (element: T) => boolean, replacement: (before: T) => T): void {
  const i = list.findIndex(fits);
  if (i >= 0) list[i] = replacement(list[i] as T);
}

/** Removes the one element that fits, if it is there. */
export function removeOnly<T>(list: T[], fits: (element: T) => boolean): void {
  const i = list.findIndex(fits);
  if (i >= 0) list.splice(i, 1);
}
