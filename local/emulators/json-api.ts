import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import { type ApiRequest, type ApiResponse, type Dispatch, operationOf } from './front.ts';

/** A service of the local cloud that speaks one of the AWS JSON protocols. */
export interface JsonService<State> {
  /** For people. */
  readonly name: string;
  /** Of the protocol: the service's clients expect it in the type of the content. */
  readonly version: '1.0' | '1.1';
  /** Code of the exception by which the service refuses input. */
  readonly invalidInput: string;
  /** By name. They refuse by {@link ServiceError}, and input by z.ZodError. */
  readonly operations: Readonly<Record<string, (state: State, input: unknown) => object>>;
}

/** Carries out what a service's clients ask. Operations that it does not have are refused by name. */
export const jsonApi =
  <State>(service: JsonService<State>, state: State): Dispatch =>
  async (request) => {
    const answer = (status: number, body: object): ApiResponse => ({
      status,
      headers: { 'content-type': `application/x-amz-json-${service.version}` },
      body: Buffer.from(JSON.stringify(body)),
    });
    try {
      return answer(200, carryOut(service, state, request));
    } catch (error) {
      if (error instanceof ServiceError) return answer(400, { __type: error.code, message: error.message });
      if (error instanceof z.ZodError) {
        return answer(400, { __type: service.invalidInput, message: z.prettifyError(error) });
      }
      throw error;
    }
  };

function carryOut<State>({ name, operations }: JsonService<State>, state: State, request: ApiRequest): object {
  const asked = operationOf(request);
  const operation = Object.hasOwn(operations, asked) ? operations[asked] : undefined;
  if (operation) return operation(state, JSON.parse(request.body.toString() || '{}'));
  const known = Object.keys(operations).join(', ');
  const what = asked || `the protocol of this request (${request.headers['content-type'] ?? 'no content type'})`;
  throw new ServiceError('UnknownOperationException', `the local ${name} does not know ${what}; it has ${known}`);
}
