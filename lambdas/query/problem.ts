import * as z from 'zod';

/** Everything that may go wrong with a request. The code is part of the contract: it ends the `type` of the problem document. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request cannot be understood' },
  'no-such-resource': { status: 404, title: 'Nothing is at this path' },
  'no-such-row': { status: 404, title: 'There is no such row' },
  'method-not-allowed': { status: 405, title: 'This API only reads' },
  'internal-error': { status: 500, title: 'The request failed' },
  unavailable: { status: 503, title: 'The data cannot be read at the moment' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one parameter. */
export interface ParameterError {
  readonly parameter: string;
  readonly detail: string;
}

/** A problem document (RFC 9457, `application/problem+json`). It quotes nothing of the request, which may hold personal data. */
export const problemSchema = z.object({
  type: z
    .string()
    .meta({ description: '`urn:millrace:problem:` and a code', example: 'urn:millrace:problem:no-such-row' }),
  title: z.string().meta({ description: 'What kind of problem it is' }),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: 'What to do about it' }),
  instance: z.string().meta({ description: 'The request, as access logs name it' }),
  errors: z
    .array(z.object({ parameter: z.string(), detail: z.string() }))
    .meta({ description: 'Each parameter that is wrong, and what is allowed' })
    .optional(),
});

export const PROBLEM_TYPE = 'application/problem+json';

/** An answer that is a problem document. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly ParameterError[];

  constructor(code: ProblemCode, detail: string, errors: readonly ParameterError[] = [], options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.errors = errors;
  }
}

/** Seconds after which a client may ask again. */
const RETRY_AFTER = '1';

export function problemResponse({ code, message, errors }: Problem, requestId: string): Response {
  const { status, title } = PROBLEMS[code];
  const document = {
    type: `urn:millrace:problem:${code}`,
    title,
    status,
    detail: message,
    instance: `urn:millrace:request:${requestId}`,
    ...(errors.length === 0 ? {} : { errors }),
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...(status === 405 ? { allow: 'GET' } : {}),
      ...(status === 503 ? { 'retry-after': RETRY_AFTER } : {}),
    },
  });
}
