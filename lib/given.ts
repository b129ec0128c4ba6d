/**
 * The properties that have a value: an optional setting that is `undefined` is left out, as CDK's property types demand.
 * Falsy values stay.
 */
export function given<T extends object>(properties: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Partial<T>;
}
