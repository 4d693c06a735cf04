// What a contender is asked to fetch: its command line, the keys of each page, and what its bodies must be.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const BUDGET_MS = 60_000;

/** `url` ends without a slash and has objects o0, o1, ... below it, and below `bucket` for clients of S3. */
export class Task {
  #names;

  constructor(contender, words) {
    this.contender = contender;
    this.url = words.url;
    this.bucket = words.bucket;
    this.caFile = words['ca-file'];
    this.connections = Number(words.connections);
    this.objects = Number(words.objects);
    this.objectBytes = Number(words['object-bytes']);
    this.objectByteSum = Number(words['object-byte-sum']);
    this.keys = Number(words.keys);
    this.warmPages = Number(words['warm-pages']);
    this.spanS = Number(words.span);
    /** Keys a second, where the delay of the event loop is measured. */
    this.rate = words.rate === undefined ? undefined : Number(words.rate);
    // All objects, and the first ones again, so that a page is a slice wherever it begins.
    this.#names = Array.from({ length: this.objects + this.keys }, (_, at) => `o${at % this.objects}`);
  }

  get authorities() {
    return this.caFile === undefined ? undefined : readFileSync(this.caFile);
  }

  /** Other keys on each page, until all objects were asked for. */
  keysOf(page) {
    const first = (page * this.keys) % this.objects;
    return this.#names.slice(first, first + this.keys);
  }

  /** Takes every body, whole; to look at all of their bytes again is the program's work, not the client's. */
  read(bodies) {
    for (const body of bodies) {
      if (body.length !== this.objectBytes || body[this.objectBytes - 1] !== 0) {
        throw new Error('a body is not the one that is served');
      }
    }
  }

  /** As `read`, and that they are the bytes which are served; slow, so that only the warm-up does it. */
  check(bodies) {
    this.read(bodies);
    const isServed = (body) => body.reduce((sum, byte) => sum + byte, 0) === this.objectByteSum;
    if (bodies.length !== this.keys || !bodies.every(isServed)) throw new Error('the bodies are not those that are served');
  }
}

export function readTask() {
  const names = ['url', 'bucket', 'ca-file', 'connections', 'objects', 'object-bytes', 'object-byte-sum', 'keys'];
  const options = [...names, 'warm-pages', 'span', 'rate'].map((name) => [name, { type: 'string' }]);
  const { values, positionals } = parseArgs({ options: Object.fromEntries(options), allowPositionals: true });
  return new Task(positionals[0], values);
}
