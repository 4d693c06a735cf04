// The origin and clients of it, for tests of one file: started before its tests, and looked after when each has ended.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Client, type ClientOptions, shutdown } from 'octofetch';
import type { Origin } from 'octofetch/testing';

import type { Json } from './case_model';
import { startOrigin } from './origin';

export interface Fixture {
  readonly origin: Origin;
  /** A client that is closed after the test, of an origin that does what `script` says. */
  open(script?: Json, options?: ClientOptions, listener?: string): Promise<Client>;
}

export function useOrigin(): Fixture {
  let origin: Origin;
  let opened: Client[] = [];
  before(async () => {
    origin = await startOrigin();
  });
  after(() => origin.stop());
  afterEach(async () => {
    for (const client of opened) client.destroy();
    opened = [];
    assert.ok(await shutdown(5000));
  });
  return {
    get origin() {
      return origin;
    },
    async open(script = {}, options = {}, listener = 'http') {
      await origin.script(script);
      const client = new Client(origin.url(listener), { name: 'tests', ...options });
      opened.push(client);
      return client;
    },
  };
}

/** Each test begins without variables of AWS and of ours, and what it does to the environment ends with it. */
export function useOwnVariables(): void {
  const initial = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (/^(AWS|OCTOFETCH)_/.test(name)) Reflect.deleteProperty(process.env, name);
  });
  afterEach(() => {
    process.env = { ...initial };
  });
}

/** Tries until it holds: what another thread counts comes a little later, and a busy machine misses a short budget. */
export async function eventually(check: () => Promise<void> | void, patienceMs = 5000): Promise<void> {
  const endsAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= endsAt) throw error;
    }
    await pause(10);
  }
}

/** Waits until all warnings of this turn are out, and answers them. */
export async function warningsOf(work: () => Promise<unknown>): Promise<Error[]> {
  const warnings: Error[] = [];
  const listen = (warning: Error): number => warnings.push(warning);
  process.on('warning', listen);
  try {
    await work();
    await new Promise(setImmediate);
  } finally {
    process.off('warning', listen);
  }
  return warnings;
}
