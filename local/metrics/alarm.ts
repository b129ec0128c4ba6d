/**
 * An alarm that a stack has. The local cloud keeps it, with its references resolved, and does not evaluate it yet: no
 * local alarm ever changes its state or notifies anybody.
 */
export interface Alarm {
  /** Physical name. */
  readonly name: string;
  readonly arn: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly kind: 'metric' | 'composite';
  /** As the template gives them, intrinsics resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
}
