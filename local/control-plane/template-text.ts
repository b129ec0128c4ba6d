import { parseDocument } from 'yaml';
import { parseTemplate, type Template } from '../cloudformation/template.ts';
import { ServiceError } from './service-error.ts';

/**
 * Reads a template as JSON or YAML.
 *
 * @throws ServiceError if it is neither, or uses short forms of functions, and TemplateError as `parseTemplate` does.
 */
export function readTemplate(stack: string, text: string): Template {
  return parseTemplate(stack, text.trimStart().startsWith('{') ? fromJson(text) : fromYaml(text));
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
