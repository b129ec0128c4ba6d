const A_YEAR_MS = 365 * 24 * 60 * 60_000;

/** The value, it and all that it holds frozen: whoever writes to it gets a TypeError. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

/** Runs pure code a year later, so that a look at the clock shows in its result. */
export function aYearLater<T>(run: () => T): T {
  const Today = globalThis.Date;
  globalThis.Date = class extends Today {
    constructor(...parts: readonly unknown[]) {
      super(...((parts.length === 0 ? [Today.now() + A_YEAR_MS] : parts) as [number]));
    }
    static override now(): number {
      return Today.now() + A_YEAR_MS;
    }
  } as DateConstructor;
  try {
    return run();
  } finally {
    globalThis.Date = Today;
  }
}
