/** What a template or a cloud assembly can have that the local cloud refuses. */
export type TemplateErrorCode =
  | 'assembly.invalid'
  | 'assembly.asset-missing'
  | 'assembly.cycle'
  | 'template.invalid'
  | 'template.cycle'
  | 'template.unknown-intrinsic'
  | 'template.invalid-intrinsic'
  | 'template.unresolved-reference'
  | 'template.unsupported-type'
  | 'template.unsupported-property'
  | 'template.unsupported-update';

/** A template that the local cloud cannot run as it is. The message names the stack, the resource and the property. */
export class TemplateError extends Error {
  readonly code: TemplateErrorCode;
  /** Where in the assembly: `Stack/LogicalId Properties.Path`. */
  readonly where: string;

  constructor(code: TemplateErrorCode, where: string, problem: string, options?: ErrorOptions) {
    super(`${where}: ${problem}`, options);
    this.name = 'TemplateError';
    this.code = code;
    this.where = where;
  }
}
