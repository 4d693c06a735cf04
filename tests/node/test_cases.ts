// The behaviour cases of tests/cases through the Node package, in the main thread or, with OCTO_WHERE=worker, in a worker.
// A case of the folder "self" passes when it fails, at the place that it names.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';

import { Client, shutdown } from 'octofetch';
import type { Origin } from 'octofetch/testing';

import { CaseFailed } from './case_expectations';
import { type Case, readCases } from './case_model';
import { CaseRun, PATIENCE_MS } from './case_run';
import { startOrigin } from './origin';
import { collectGarbage, descriptorCount, libraryThreads } from './resources';

const { OCTO_CASES = '', OCTO_FOLDER, OCTO_WHERE } = process.env;

if (isMainThread && OCTO_WHERE === 'worker') {
  new Worker(__filename).on('exit', (code) => {
    process.exitCode = code;
  });
} else {
  defineTests();
}

function defineTests(): void {
  let origin: Origin;
  let descriptors = 0;

  before(async () => {
    origin = await startOrigin();
    await fetchOnce(origin);
    descriptors = descriptorCount();
  });

  after(() => origin.stop());

  for (const one of readCases(OCTO_CASES, OCTO_FOLDER)) {
    test(one.name, { skip: one.skip.node ?? false }, async () => {
      await runAsExpected(one, origin);
      assert.ok(await shutdown(PATIENCE_MS), 'resources: threads do not end');
      await checkResources(descriptors);
    });
  }
}

async function runAsExpected(one: Case, origin: Origin): Promise<void> {
  const run = new CaseRun(one, origin, !isMainThread);
  if (one.must_fail === null) return run.run();
  await assert.rejects(run.run(), (error: unknown) => {
    assert.ok(error instanceof CaseFailed, String(error));
    assert.equal(error.place, one.must_fail, error.message);
    return true;
  });
}

/** So that everything has been loaded that is loaded once. */
async function fetchOnce(origin: Origin): Promise<void> {
  const client = new Client(`https://localhost:${origin.ports.https}`, { tlsCaFile: origin.caFile });
  await client.fetch(['warm'], { budgetMs: 10_000 });
  await client.close();
  await origin.control('GET', '/report');
  assert.ok(await shutdown(PATIENCE_MS));
}

/** A thread or connection that has ended may take a moment to vanish. */
async function checkResources(descriptors: number): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  while ((descriptorCount() > descriptors || libraryThreads().length > 0) && performance.now() < endsAt) {
    collectGarbage();
    await pause(10);
  }
  assert.ok(descriptorCount() <= descriptors, `resources: ${descriptorCount()} descriptors of ${descriptors}`);
  assert.deepEqual(libraryThreads(), [], 'resources: threads are left');
}
