import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** An answer, as far as a document says anything of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Contract {
  /** Whether the document has an operation for the request. */
  knows(method: string, path: string): boolean;
  /** What breaks the document; empty if the answer keeps it. */
  violations(method: string, path: string, answer: Answer): readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
  readonly headers?: Json;
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, Response | { $ref: string }>> }>>
    >
  >;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

const ID = 'openapi';

/** Checks answers against an OpenAPI document: status, content type, headers and body, which may have no member that is not named. */
export function contractOf(document: Document): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  // Both are CommonJS.
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema(closed(document) as Json, ID);
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const operationOf = (method: string, path: string) => {
    const [bare = ''] = path.split('?');
    const template = templates.find(({ pattern }) => pattern.test(bare))?.template ?? '';
    return document.paths[template]?.[method.toLowerCase()];
  };
  return {
    knows: (method, path) => operationOf(method, path) !== undefined,
    violations: (method, path, { status, headers, body }) => {
      const stated = operationOf(method, path)?.responses[status];
      if (stated === undefined) return [`${method} ${path} has no answer ${status}`];
      const response =
        '$ref' in stated ? document.components.responses[String(stated.$ref).split('/').at(-1) ?? ''] : stated;
      const missing = Object.keys(response?.headers ?? {}).filter((name) => headers.get(name) === null);
      return [
        ...missing.map((name) => `${status} lacks header ${name}`),
        ...bodyViolations(ajv, response, headers, body),
      ];
    },
  };
}

function bodyViolations(
  ajv: Ajv2020,
  response: Response | undefined,
  headers: Headers,
  body: string,
): readonly string[] {
  const type = headers.get('content-type')?.split(';')[0];
  const { content } = response ?? {};
  if (content === undefined) return body === '' && type === undefined ? [] : ['has a body, which is not documented'];
  const schema = content[type ?? '']?.schema;
  if (schema === undefined) return [`has content type ${type}; documented: ${Object.keys(content).join(', ')}`];
  const validate = ajv.compile(absolute(schema));
  if (validate(JSON.parse(body))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** References of the document, from outside of it. */
const absolute = (schema: Json): Json => JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"${ID}#/`)) as Json;

/** The same with every object limited to the members that it names. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, closed(one)] as const);
  const isObject = 'properties' in value && 'type' in value && value.type === 'object';
  return Object.fromEntries(isObject ? [...entries, ['additionalProperties', false]] : entries);
}
