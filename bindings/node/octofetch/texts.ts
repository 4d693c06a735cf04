// Texts that go to the library as UTF-8.
import { OptionError } from './errors';

// Half of a character: as UTF-8 it would become another text.
const LONE_SURROGATE = /\p{Surrogate}/u;

export function isText(value: string): boolean {
  return !LONE_SURROGATE.test(value);
}

export function checkText(what: string, value: string): void {
  if (!isText(value)) throw new OptionError(`${what} is no text, as it has half a character`);
}
