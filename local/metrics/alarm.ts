/** States of an alarm, as CloudWatch names them. */
export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** An alarm that a stack has, with its references resolved. */
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
