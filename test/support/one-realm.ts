import { types } from 'node:util';

/**
 * Jest runs tests in a realm of their own, so that errors of Node's core are no `instanceof Error` there, and the AWS SDK wraps what it
 * takes for no error. Outside of Jest there is one realm; this makes `instanceof Error` say so here as well.
 */
const inherited = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, candidate: unknown): boolean {
    if (inherited.call(this as typeof Error, candidate)) return true;
    return this === Error && types.isNativeError(candidate);
  },
});
