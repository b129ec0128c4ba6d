import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ApiRequest, ApiResponse, Dispatch } from '../emulators/front.ts';
import { ServiceError } from '../service-error.ts';

/** What a value of an answer may be. Members that are undefined are left out; a Date is written in ISO 8601. */
export type AnswerValue = string | number | boolean | Date | undefined | readonly AnswerValue[] | Answer;
export interface Answer {
  readonly [member: string]: AnswerValue;
}

/** An operation: takes the request's parameters as nested objects and arrays, and returns the members of its result. */
export type Operation = (input: unknown) => Answer | Promise<Answer>;

/**
 * Serves the operations of a service that speaks AWS's query protocol: parameters in a form, `Parameters.member.1.ParameterKey=…`,
 * answers in XML. An operation that is not there is refused by its name.
 *
 * @param namespace of the answers, as the service's API reference has it.
 * @param report is told what went wrong in the service itself, not of refusals.
 */
export function queryService(
  service: string,
  namespace: string,
  operations: Readonly<Record<string, Operation>>,
  report: (error: unknown) => void,
): Dispatch {
  return async (request) => {
    const { Action: action, Version: _, ...parameters } = formOf(request);
    const name = String(action);
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    try {
      if (operation === undefined) {
        throw new ServiceError('InvalidAction', `The local cloud has no operation ${name} of ${service}`);
      }
      return answered(name, namespace, await operation(nested(parameters)));
    } catch (error) {
      return refused(error, namespace, report);
    }
  };
}

/** Checks the input of an operation. @throws ServiceError naming what is wrong. */
export function inputOf<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ServiceError('ValidationError', z.prettifyError(parsed.error));
}

const formOf = ({ body }: ApiRequest): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(body.toString()));

/** `{ 'A.member.1.B': 'x' }` to `{ A: [{ B: 'x' }] }`. An empty list is sent as `A=`. */
function nested(parameters: Readonly<Record<string, string>>): unknown {
  const root: Tree = Object.create(null);
  for (const [path, value] of Object.entries(parameters)) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let node = root;
    for (const name of names) node = child(node, name);
    node[last] = value;
  }
  return withLists(root);
}

interface Tree {
  [name: string]: Tree | string;
}

function child(node: Tree, name: string): Tree {
  const existing = Object.hasOwn(node, name) ? node[name] : undefined;
  if (typeof existing === 'object') return existing;
  const made: Tree = Object.create(null);
  node[name] = made;
  return made;
}

function withLists(value: Tree | string): unknown {
  if (typeof value === 'string') return value;
  const { member } = value;
  if (typeof member === 'object' && Object.keys(value).length === 1) {
    const numbered = Object.entries(member).toSorted(([a], [b]) => Number(a) - Number(b));
    return numbered.map(([, element]) => withLists(element));
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withLists(member)]));
}

function answered(action: string, namespace: string, result: Answer): ApiResponse {
  const members = xmlOf(result);
  return xml(
    200,
    `<${action}Response xmlns="${namespace}"><${action}Result>${members}</${action}Result><ResponseMetadata>${requestId()}</ResponseMetadata></${action}Response>`,
  );
}

function refused(error: unknown, namespace: string, report: (error: unknown) => void): ApiResponse {
  const known = error instanceof ServiceError;
  if (!known) report(error);
  const { code, message } = known ? error : { code: 'InternalFailure', message: String(error) };
  const detail = xmlOf({ Type: known ? 'Sender' : 'Receiver', Code: code, Message: message });
  return xml(
    known ? 400 : 500,
    `<ErrorResponse xmlns="${namespace}"><Error>${detail}</Error>${requestId()}</ErrorResponse>`,
  );
}

const requestId = (): string => `<RequestId>${randomUUID()}</RequestId>`;

function xmlOf(value: AnswerValue): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((element) => `<member>${xmlOf(element)}</member>`).join('');
  if (typeof value !== 'object') return escaped(String(value));
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `<${name}>${xmlOf(member)}</${name}>`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Templates keep their line ends only if carriage returns are written as references. */
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character).replaceAll('\r', '&#13;');

const xml = (status: number, body: string): ApiResponse => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`),
});
