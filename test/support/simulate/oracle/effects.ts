import type { Effect } from '../../../../lambdas/core/effect.ts';
import type { CloudEvent } from '../../../../lambdas/core/event.ts';
import { identityOf } from '../produced.ts';
import type { Services } from '../services.ts';
import type { Streams } from '../streams.ts';
import { eventsIn } from '../streams.ts';
import type { Breach } from '../world.ts';
import type { Evidence, KeyEvidence } from './evidence.ts';
import { newestOf } from './states.ts';

/** Contents of effects, and the ids under which each has arrived. A row has no id; its trace follows from the effect's, and stands for it. */
type Arrived = Map<string, Set<string>>;

/**
 * Every effect of every commit has arrived, under one id and with one content, and nothing has arrived that no commit stands for. What should
 * have is told by the newest reducer from the events of each commit, not by what the rows keep.
 */
export function* breachesOfEffects(evidence: Evidence, streams: Streams): Iterable<Breach> {
  const arrived = arrivedFrom(evidence.run.system.name, evidence.run.services, streams);
  const expected = new Map<string, number>();
  for (const key of evidence.keys.values()) {
    for (const content of expectedOf(evidence, key)) {
      const isRow = content.startsWith('row ');
      expected.set(content, isRow ? 1 : (expected.get(content) ?? 0) + 1);
    }
  }
  for (const message of [...differences(expected, arrived), ...ambiguities(arrived)]) {
    yield { kind: 'effect', message: `${evidence.run.system.name}: ${message}` };
  }
}

function* differences(expected: ReadonlyMap<string, number>, arrived: Arrived): Iterable<string> {
  for (const [content, times] of expected) {
    const ids = arrived.get(content)?.size ?? 0;
    if (ids === 0) yield `an effect is lost: ${content}`;
    else if (ids !== times) yield `an effect came under ${ids} ids instead of ${times}: ${content}`;
  }
  for (const content of arrived.keys()) {
    if (!expected.has(content)) yield `an effect of no commit: ${content}`;
  }
}

function* ambiguities(arrived: Arrived): Iterable<string> {
  const contents = new Map<string, string>();
  for (const [content, ids] of arrived) {
    for (const id of ids) {
      const known = contents.get(id);
      if (known !== undefined) yield `effect ${id} has two contents: ${known} and ${content}`;
      contents.set(id, content);
    }
  }
}

function* expectedOf(evidence: Evidence, { key, commits }: KeyEvidence): Iterable<string> {
  const processor = newestOf(evidence.run.system);
  let state = processor.state.initial(key);
  for (const { row, applied } of commits) {
    let last: CloudEvent | undefined;
    for (const seen of applied) {
      const event = evidence.events.get(identityOf(seen)) ?? seen;
      const reduction = processor.reduce(state, event);
      for (const effect of reduction.effects ?? []) yield contentOf(effect, key, row.version, event.id);
      state = reduction.state;
      last = event;
    }
    if (last === undefined) continue;
    const ofCommit = processor.effectsOfCommit?.({ key, version: row.version, state }) ?? [];
    for (const effect of ofCommit) yield contentOf(effect, key, row.version, last.id);
  }
}

/** What an effect says and follows from, in one line. */
function contentOf(effect: Effect, key: string, version: number, cause: string): string {
  switch (effect.kind) {
    case 'publish':
      return publication(effect.stream, effect.type, effect.subject, String(version), cause, effect.data);
    case 'alert':
      return alert(effect.queue, key, effect.reason, cause, effect.data);
    case 'row':
      return rowWrite(
        effect.table,
        effect.key,
        'version' in effect.write ? effect.write.version : undefined,
        cause,
        effect.attributes,
      );
  }
}

const publication = (stream: string, type: string, to: string, version: string, cause: string, data: unknown): string =>
  `${type} on ${stream} to ${to} of version ${version} because of ${cause}: ${JSON.stringify(data)}`;

const alert = (queue: string, key: string, reason: string, cause: string, data: unknown): string =>
  `alert ${reason} on ${queue} from ${key} because of ${cause}: ${JSON.stringify(data)}`;

const rowWrite = (table: string, key: unknown, version: unknown, cause: unknown, attributes: object): string =>
  `row ${String(key)} of ${table}, version ${String(version)}, because of ${String(cause)}: ${JSON.stringify(attributes)}`;

type Published = CloudEvent & { readonly causationid: string };

interface AlertBody {
  readonly id: string;
  readonly processor: string;
  readonly key: string;
  readonly reason: string;
  readonly causedBy: { readonly id: string };
  readonly data: unknown;
}

function arrivedFrom(name: string, { sinks }: Services, streams: Streams): Arrived {
  const arrived: Arrived = new Map();
  const add = (content: string, id: string): void => {
    arrived.set(content, (arrived.get(content) ?? new Set()).add(id));
  };
  for (const stream of streams.all()) {
    for (const record of stream.records) {
      for (const event of eventsIn(record.data) as readonly Published[]) {
        if (!event.source.startsWith(`urn:millrace:${name}:`)) continue;
        const { type, subject, sequence = '', causationid, data } = event;
        add(publication(stream.name, type, subject, sequence, causationid, data), event.id);
      }
    }
  }
  for (const { queue, body } of sinks.messages) {
    const { id, key, reason, causedBy, data } = JSON.parse(body) as AlertBody;
    add(alert(queue, key, reason, causedBy.id, data), id);
  }
  for (const { table, item } of sinks.writes) {
    const { id, version, _cause, _trace, ...attributes } = item;
    add(rowWrite(table, id, version, _cause, attributes), String(_trace));
  }
  return arrived;
}
