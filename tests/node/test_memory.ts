// Bodies that nobody keeps do not pile up, however small the heap that V8 was given.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { run } from './child';
import { useOrigin } from './origin_fixture';

const MIB = Number(process.env.OCTO_MEMORY_MIB ?? 128);
const RSS_MIB_MAX = 300;

const fixture = useOrigin();

for (const size of [1 << 20, 1000]) {
  test(`${MIB} MiB in bodies of ${size} bytes are fetched in less than ${RSS_MIB_MAX} MiB of memory`, async () => {
    await fixture.open({ default: { size } });
    const total = size === 1000 ? MIB / 16 : MIB;
    const { output, code } = await run(
      `const { Client } = require('octofetch');
      const client = new Client(process.env.URL);
      const count = ${Math.min(500, Math.ceil((16 << 20) / size))};
      const keys = Array.from({ length: count }, (_, at) => 'k' + at);
      (async () => {
        let most = 0;
        for (let left = ${total} * 2 ** 20; left > 0; ) {
          const results = await client.fetch(keys, { budgetMs: 60_000 });
          results.throwIfErrors();
          for (const { body } of results) left -= body.length;
          most = Math.max(most, process.memoryUsage().rss);
        }
        console.log(Math.ceil(most / 2 ** 20));
      })();`,
      { URL: fixture.origin.url() },
      ['--max-old-space-size=64'],
    );
    assert.equal(code, 0, output);
    assert.ok(Number(output) < RSS_MIB_MAX, `${output.trim()} MiB`);
    process.stdout.write(`# ${output.trim()} MiB at most\n`);
  });
}
