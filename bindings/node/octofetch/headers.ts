// Request headers as users have them: an object, a Headers of fetch, a Map or a list of pairs.
import { inspect } from 'node:util';

import { kindOf, OptionError } from './errors';
import { checkText } from './texts';

/** Names and values, of which a name may come twice where they are pairs. */
export type RequestHeaders = Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

/** What they say, the library checks. */
export function headerPairs(headers: RequestHeaders): [string, string][] {
  if (typeof headers !== 'object' || headers === null) {
    throw new OptionError(`headers is an object, a Headers, a Map or a list of pairs, not ${kindOf(headers)}`);
  }
  const pairs: unknown[] = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return pairs.map((pair) => {
    const [name, value] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [undefined, undefined];
    if (typeof name !== 'string' || typeof value !== 'string') {
      const what = typeof name === 'string' ? `${inspect(name)} with ${kindOf(value)}` : kindOf(pair);
      throw new OptionError(`headers: ${what} is no pair of a name and a value, which are strings`);
    }
    checkText(`the header ${inspect(name)}`, name + value);
    return [name, value];
  });
}

/** As the option of a client has them, in which the end of a line would begin another header. */
export function headerLines(headers: RequestHeaders): string {
  const lines = headerPairs(headers).map(([name, value]) => {
    if (!/[\r\n\0]/.test(name + value)) return `${name}: ${value}`;
    throw new OptionError(`the header ${inspect(name)} or its value has the end of a line or NUL; it is one line`);
  });
  return lines.join('\n');
}
