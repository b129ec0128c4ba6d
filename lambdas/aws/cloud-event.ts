import type { PublishEffect } from '../core/effect.ts';
import type { CloudEvent } from '../core/event.ts';
import { keyHash } from '../runtime/identity.ts';
import type { AddressedEffect } from '../runtime/ports.ts';
import { effectTraceparent } from '../runtime/trace-context.ts';

/** The event that a publish effect becomes: named by its sender, numbered by the row's version, and a child of its cause in the same trace. */
export function cloudEventOf(addressed: AddressedEffect, effect: PublishEffect): CloudEvent & { causationid: string } {
  const { id, processor, key, epoch, version, cause } = addressed;
  return {
    specversion: '1.0',
    id,
    source: `urn:millrace:${processor}:${nameOf(key)}:${epoch}`,
    type: effect.type,
    time: cause.time,
    subject: effect.subject,
    dataschema: effect.dataschema,
    datacontenttype: 'application/json',
    partitionkey: effect.subject,
    sequence: String(version),
    causationid: cause.id,
    traceparent: effectTraceparent(cause, id),
    data: effect.data,
  };
}

/** A source has at most 256 characters; a key whose escaped form is long is named by its hash. */
function nameOf(key: string): string {
  const escaped = encodeURIComponent(key);
  return escaped.length <= 128 ? escaped : `~${keyHash(key)}`;
}
