// A process may have several copies of this package: two versions below node_modules, or one that a test runner or a
// development server evaluated anew. What passes from one to another, by Client.shared or from module to module, is known
// there all the same.

/** One value for all copies in this thread of JavaScript: the main one or a worker's. */
export function sharedBy<T>(name: string, make: () => T): T {
  const holder = globalThis as Record<symbol, T | undefined>;
  return (holder[Symbol.for(`octofetch.${name}`)] ??= make());
}

/** Has `instanceof` know what is of this class in another copy; classes that extend it are left as they are. */
export function knownByName(made: { prototype: object }, name: string): void {
  const brand = Symbol.for(`octofetch.${name}`);
  Object.defineProperty(made.prototype, brand, { value: true });
  Object.defineProperty(made, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== made) return Function.prototype[Symbol.hasInstance].call(this as CallableFunction, value);
      return typeof value === 'object' && value !== null && brand in value;
    },
  });
}
