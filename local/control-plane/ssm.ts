import { z } from 'zod';
import { physicalName, type SupportedType, supported } from '../cloudformation/resource-type.ts';
import { type ApiResponse, type Dispatch, operationOf } from '../emulators/front.ts';
import { arn, REASONS } from '../resources/services.ts';

/** Values of parameters by name. */
export type Parameters = Map<string, string>;

/** AWS::SSM::Parameter with a plain text, in which the CDK's bootstrap stack keeps its version. */
export const ssmParameter = (parameters: Parameters): SupportedType => {
  const honoured = z.strictObject({
    Name: z.string().optional(),
    Type: z.literal('String', 'only plain texts are kept locally'),
    Value: z.string(),
  });
  return supported({
    honoured,
    ignored: { Description: REASONS.text, Tags: REASONS.tags, Tier: 'parameters cost nothing here' },
    create: async ({ Name, Value }, context) => {
      const name = Name ?? physicalName(context, 255);
      parameters.set(name, Value);
      return { ref: name, attributes: { Type: 'String', Value } };
    },
    update: {
      fixed: ['Name', 'Type'],
      apply: async ({ Value }, physical) => {
        parameters.set(physical.ref, Value);
        return { ...physical, attributes: { Type: 'String', Value } };
      },
    },
    remove: async ({ ref }) => void parameters.delete(ref),
  });
};

const input = z.looseObject({ Name: z.string().optional(), Names: z.array(z.string()).optional() });

/** The part of Systems Manager that reads parameters: GetParameter and GetParameters. */
export const ssmApi =
  (parameters: Parameters): Dispatch =>
  async (request) => {
    const operation = operationOf(request);
    const { Name = '', Names = [] } = input.parse(JSON.parse(request.body.toString()));
    const found = (name: string): object | undefined => {
      const Value = parameters.get(name);
      return Value === undefined
        ? undefined
        : { Name: name, Type: 'String', Value, Version: 1, ARN: arn('ssm', `parameter${name}`), DataType: 'text' };
    };
    switch (operation) {
      case 'GetParameter': {
        const Parameter = found(Name);
        return Parameter === undefined
          ? refused('ParameterNotFound', `There is no parameter ${Name}`)
          : ok({ Parameter });
      }
      case 'GetParameters':
        return ok({
          Parameters: Names.map(found).filter((parameter) => parameter !== undefined),
          InvalidParameters: Names.filter((name) => !parameters.has(name)),
        });
      default:
        return refused('UnknownOperationException', `The local cloud has no operation ${operation} of SSM`);
    }
  };

const json = (status: number, body: object): ApiResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: Buffer.from(JSON.stringify(body)),
});

const ok = (body: object): ApiResponse => json(200, body);
const refused = (code: string, message: string): ApiResponse => json(400, { __type: code, message });
