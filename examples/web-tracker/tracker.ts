import * as z from 'zod';
import type { EventDefinition } from '../../lambdas/core/catalogue.ts';
import { type Producer, ProducerClosedError, type Receipt, UndeliveredError } from '../../lambdas/producer/index.ts';
import { elementClicked } from '../../lambdas/systems/activity/events.ts';
import { pageViewed } from '../../lambdas/systems/profiles/events.ts';

/** Whose page it is, as the back end knows from its own session, never from the page. */
export interface Visitor {
  readonly user: string;
  readonly session?: string;
}

export interface TrackerOptions {
  readonly producer: Pick<Producer, 'send' | 'flush'>;
  /** Undefined if the request is nobody's. */
  readonly visitorOf: (request: Request) => Visitor | undefined;
  /** Milliseconds to wait until the stream has the events; beyond, the page is told to send them again. Default: 3,000. */
  readonly timeoutMs?: number;
  /** Told of each request how it ended. Nothing in it is about a person. Default: a line of JSON on standard output. */
  readonly log?: (line: TrackerLine) => void;
}

export interface TrackerLine {
  readonly status: number;
  /** Events of the request, as far as it could be read. */
  readonly events: number;
  /** The kind of error behind a 503. */
  readonly error?: string;
}

/** Most bytes of a request: 50 events of ordinary length. */
export const MOST_BYTES = 32 * 1024;
const MOST_EVENTS = 50;

/** Chosen by the page, once for each event: sent again under it, an event counts once. */
const id = z.string().regex(/^[\w-]{16,64}$/, 'must be 16 to 64 letters, digits, _ and -, such as a UUID');

const bodySchema = z.strictObject({
  events: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('view'), id, path: z.string().optional(), productId: z.string().optional() }),
        z.strictObject({
          kind: z.literal('click'),
          id,
          element: z.string(),
          path: z.string().optional(),
          productId: z.string().optional(),
        }),
      ]),
    )
    .min(1)
    .max(MOST_EVENTS),
});

type Tracked = z.output<typeof bodySchema>['events'][number];

/**
 * Turns the clicks and page views that a page posts into events. Answers 202 once the stream has all of them; 400 and 413 for what can
 * never be sent; 503 if the stream does not take them in time: the page then posts the same body again, and each event counts once.
 */
export function createTracker(options: TrackerOptions): (request: Request) => Promise<Response> {
  const { visitorOf, log = (line) => console.log(JSON.stringify(line)) } = options;
  return async (request) => {
    const { response, ...line } = await answer(request, visitorOf, options);
    log({ status: response.status, ...line });
    return response;
  };
}

interface Answered extends Omit<TrackerLine, 'status'> {
  readonly response: Response;
}

async function answer(
  request: Request,
  visitorOf: TrackerOptions['visitorOf'],
  options: TrackerOptions,
): Promise<Answered> {
  if (request.method !== 'POST') {
    return { response: refusal(405, 'Post events here', { allow: 'POST' }), events: 0 };
  }
  const text = await textOf(request);
  if (text === undefined) return { response: refusal(413, `Post ${MOST_BYTES} bytes at most`), events: 0 };
  const parsed = bodySchema.safeParse(jsonOf(text));
  if (!parsed.success) return { response: refusal(400, issuesOf(parsed.error)), events: 0 };
  const { events } = parsed.data;
  const visitor = visitorOf(request);
  if (visitor === undefined) return { response: refusal(400, 'Nobody is logged in'), events: events.length };
  return deliver(events, visitor, options);
}

async function deliver(
  events: readonly Tracked[],
  visitor: Visitor,
  { producer, timeoutMs = 3_000 }: TrackerOptions,
): Promise<Answered> {
  const ready = events.map((event) => readyOf(event, visitor));
  const issues = ready.flatMap(({ issue }, nth) => (issue === undefined ? [] : [`events.${nth}.${issue}`]));
  // All or nothing: what was sent before a wrong event would stay sent.
  if (issues.length > 0) return { response: refusal(400, issues.slice(0, 5).join('; ')), events: events.length };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const receipts: Receipt[] = [];
    for (const { send } of ready) receipts.push(await send(producer, signal));
    await within(signal, Promise.all(receipts.map((receipt) => receipt.delivered())));
    return { response: new Response(null, { status: 202 }), events: events.length };
  } catch (error) {
    if (error instanceof UndeliveredError) await takeUndelivered(producer, signal);
    else if (!(error instanceof ProducerClosedError || signal.aborted)) throw error;
    const response = refusal(503, 'Post the same events again in a moment', { 'retry-after': '1' });
    return { response, events: events.length, error: error instanceof Error ? error.name : 'unknown' };
  }
}

interface Ready {
  /** What is wrong with it, without the value. */
  readonly issue?: string;
  send(producer: TrackerOptions['producer'], signal: AbortSignal): Promise<Receipt>;
}

/** The event of the catalogue that something on a page becomes. */
function readyOf(event: Tracked, { user, session }: Visitor): Ready {
  const { kind: _, id: eventId, ...rest } = event;
  const common = { ...rest, ...(session === undefined ? {} : { sessionId: session }) };
  if (event.kind === 'view') return readyAs(pageViewed, eventId, user, common);
  return readyAs(elementClicked, eventId, user, { ...common, element: event.element });
}

function readyAs<Type extends string, Data>(
  definition: EventDefinition<Type, Data>,
  eventId: string,
  subject: string,
  data: Data,
): Ready {
  const [issue] = definition.versions.at(-1)?.schema.safeParse(data).error?.issues ?? [];
  return {
    ...(issue === undefined ? {} : { issue: `${issue.path.join('.')}: ${issue.message}` }),
    send: (producer, signal) => producer.send(definition, { id: eventId, subject, data }, { signal }),
  };
}

/** The pages have been told that their events are not in, and post them again: nothing of them is kept here, and the producer goes on. */
async function takeUndelivered(producer: TrackerOptions['producer'], signal: AbortSignal): Promise<void> {
  try {
    await producer.flush({ signal });
  } catch (error) {
    if (!(error instanceof UndeliveredError || signal.aborted)) throw error;
  }
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const expired = Promise.withResolvers<never>();
  const expire = (): void => expired.reject(signal.reason);
  signal.addEventListener('abort', expire, { once: true });
  try {
    return await Promise.race([work, expired.promise]);
  } finally {
    signal.removeEventListener('abort', expire);
  }
}

/** The body, undefined if it is too large: no more of it is read then. */
async function textOf(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) return undefined;
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What is no JSON is no body either, which the schema says. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Where and how, without the values. */
const issuesOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 5)
    .map((issue) => {
      const message = issue.code === 'unrecognized_keys' ? 'has members that are not known' : issue.message;
      return `${issue.path.join('.') || 'body'}: ${message}`;
    })
    .join('; ');

const refusal = (status: number, detail: string, headers: Readonly<Record<string, string>> = {}): Response =>
  Response.json({ status, detail }, { status, headers: { ...headers, 'content-type': 'application/problem+json' } });
