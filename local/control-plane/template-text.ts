import { parseDocument } from 'yaml';
import { TemplateError } from '../cloudformation/errors.ts';
import { parseTemplate, type Template } from '../cloudformation/template.ts';
import { ServiceError } from '../service-error.ts';

/**
 * Reads a template as JSON or YAML.
 *
 * @throws ServiceError if it is neither, uses short forms of functions, or has sections that the local cloud does not know.
 */
export function readTemplate(stack: string, text: string): Template {
  try {
    return parseTemplate(stack, text.trimStart().startsWith('{') ? fromJson(text) : fromYaml(text));
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause;
    throw new ServiceError('ValidationError', cause.message, { cause });
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(cause as Error);
  }
}

function fromYaml(text: string): unknown {
  const document = parseDocument(text);
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw invalid(problem);
  return document.toJS();
}

const invalid = (cause: Error): ServiceError =>
  new ServiceError('ValidationError', `Template format error: ${cause.message}; write functions in their long form`, {
    cause,
  });
