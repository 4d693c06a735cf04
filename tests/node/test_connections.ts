// Connections that cannot be used again are closed, also where the origin does nothing to end them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json } from './case_model';
import { useOrigin } from './origin_fixture';
import { descriptorCount } from './resources';

const CONNECTIONS = 8;
const KEYS = Array.from({ length: 100 }, (_, at) => `k${at}`);

const fixture = useOrigin();

const FAULTS: Record<string, { [name: string]: Json }> = {
  'bytes behind a body': { type: 'stray', where: 'same_segment' },
  'bytes while they are idle': { type: 'stray', where: 'while_idle', after_ms: 0 },
  'a body that never ends': { type: 'stall_in_body' },
  'an early end': { type: 'close', at: 'body' },
};

for (const listener of ['http', 'https']) {
  for (const [what, fault] of Object.entries(FAULTS)) {
    test(`${listener}: connections that meet ${what} do not pile up`, async () => {
      const client = await fixture.open(
        { default: { size: 1000, fault, fault_share: 0.3 } },
        { connectionsMax: CONNECTIONS, tlsCaFile: fixture.origin.caFile },
        listener,
      );
      const before = descriptorCount();
      let most = 0;
      for (let page = 0; page < 5; page++) {
        await client.fetch(KEYS, { budgetMs: 300 });
        most = Math.max(most, descriptorCount() - before);
      }
      // Those in use, those that are just being closed, and what the library opens for itself.
      assert.ok(most <= 2 * CONNECTIONS + 10, `${most} descriptors for ${CONNECTIONS} connections`);
    });
  }
}
