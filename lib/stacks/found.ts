/** @throws Error with the names that there are. */
export function found<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) {
    throw new Error(`${name} is not in the stateful stack; it has: ${[...things.keys()].join(', ')}`);
  }
  return thing;
}
