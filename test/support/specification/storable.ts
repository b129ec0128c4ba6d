/** DynamoDB nests no deeper (Developer Guide, "Quotas in Amazon DynamoDB"). */
const MOST_LEVELS = 32;
/** Smallest magnitude of a DynamoDB number besides zero. */
const LEAST_MAGNITUDE = 1e-130;

/**
 * Why a value could not be kept in a row or sent as JSON and come back equal, or undefined if it can: strings, numbers that are exact,
 * booleans, null, lists and plain objects of these. Members that are undefined vanish, as they do when a row is written.
 */
export function unstorable(value: unknown, path: string, level = 1): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined;
    case 'string':
      return value.isWellFormed() ? undefined : `${path} holds half a surrogate pair`;
    case 'number':
      return isStorableNumber(value)
        ? undefined
        : `${path} is ${value}: DynamoDB's client takes finite numbers up to 2^53 - 1`;
    case 'object':
      return value === null ? undefined : unstorableObject(value, path, level);
    default:
      return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  }
}

const isStorableNumber = (value: number): boolean =>
  Math.abs(value) <= Number.MAX_SAFE_INTEGER && (value === 0 || Math.abs(value) >= LEAST_MAGNITUDE);

function unstorableObject(value: object, path: string, level: number): string | undefined {
  if (level > MOST_LEVELS) return `${path} lies deeper than ${MOST_LEVELS} levels`;
  if (Array.isArray(value)) {
    return firstOf(Array.from(value, (member, index) => unstorable(member, `${path}[${index}]`, level + 1)));
  }
  if (!isPlain(value)) return `${path} is an instance of ${value.constructor.name}`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return firstOf(members.map(([name, member]) => unstorable(member, `${path}.${name}`, level + 1)));
}

const firstOf = (troubles: readonly (string | undefined)[]): string | undefined =>
  troubles.find((trouble) => trouble !== undefined);

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
