// Octo in Node, whatever fetches: starts a page for each line of standard input and, beside it, a control, which is a timer to
// the same instant. ../README.md says what goes in and comes out.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { callAt, nowNs } from './clock.mjs';
import { Recent } from './recent.mjs';

const BODY_BYTES = 10240;

/**
 * `open(task)` gives a function `fetchPage(keys, deadlineNs, arrive, signal)`: it calls `arrive(key, body)` for each body, and
 * resolves when there is nothing more to wait for, at the latest at the deadline; what it resolves to is told, and may say when it
 * went on. `signal` is aborted afterwards, once the handler has gone on, and ends what is still under way.
 */
export async function serve(versions, open) {
  // Of a library's advice, on a Node that it supports no longer or a page that got nothing, nothing is printed.
  process.removeAllListeners('warning');
  const task = readTask();
  const handler = new Handler(open(task), task.cacheObjects);
  const lines = createInterface({ input: process.stdin });
  const ended = once(lines, 'close');
  const pages = [];
  lines.on('line', (line) => pages.push(servePage(JSON.parse(line), handler)));
  await print({ ready: true, versions: { 'Node.js': process.versions.node, ...versions } });
  await ended;
  await print({ pages: await Promise.all(pages) });
  process.exit(0);
}

function readTask() {
  const names = ['origin', 'bucket', 'connections', 'budget-ms', 'cache-objects'];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ options: { ...options, unbounded: { type: 'boolean' } } });
  const connections = Number(values.connections);
  return {
    origin: values.origin,
    bucket: values.bucket,
    connections,
    /** Of a library that fetches one object a call. */
    callsMax: values.unbounded ? Infinity : connections,
    cacheObjects: Number(values['cache-objects'] ?? 0),
  };
}

/** The control is first, so that it waits for the loop alone and not for what the handler does when it goes on. */
async function servePage({ page, deadline_ns: deadlineNs, keys }, handler) {
  const control = wakeAt(deadlineNs);
  const handled = await handler.handle(keys, deadlineNs).catch(fail);
  return { page, ...handled, control_ns: await control };
}

async function wakeAt(instantNs) {
  await new Promise((resolve) => callAt(instantNs, resolve));
  return nowNs();
}

class Handler {
  #fetchPage;
  #recent;

  constructor(fetchPage, cacheObjects) {
    this.#fetchPage = fetchPage;
    this.#recent = cacheObjects > 0 ? new Recent(cacheObjects) : undefined;
  }

  async handle(keys, deadlineNs) {
    const bodies = new Map();
    const arrive = (key, body) => {
      bodies.set(key, body);
      this.#recent?.set(key, body);
    };
    const absent = this.#takeRecent(keys, bodies);
    const rest = new AbortController();
    const told = absent.length > 0 ? await this.#fetchPage(absent, deadlineNs, arrive, rest.signal) : {};
    const handlerNs = nowNs();
    const missing = keys.flatMap((key, position) => (bodies.has(key) ? [] : [position]));
    if (missing.length > 0) rest.abort();
    for (const body of bodies.values()) checkLength(body);
    return { handler_ns: handlerNs, delivered: keys.length - missing.length, missing, ...told };
  }

  /** Those that must be fetched. */
  #takeRecent(keys, bodies) {
    if (this.#recent === undefined) return keys;
    return keys.filter((key) => {
      const body = this.#recent.get(key);
      if (body !== undefined) bodies.set(key, body);
      return body === undefined;
    });
  }
}

function checkLength(body) {
  if (body.length !== BODY_BYTES) throw new Error(`a body has ${body.length} bytes instead of ${BODY_BYTES}`);
}

function fail(error) {
  console.error(`octo: ${error.message}`);
  process.exit(1);
}

/** Resolves when all of it is in the pipe, which holds less than the last line may have. */
function print(record) {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(record)}\n`, resolve));
}
