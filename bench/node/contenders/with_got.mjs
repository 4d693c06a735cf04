// got: a call a key, over Node's own agents.
import { readFileSync } from 'node:fs';

import got from 'got';

import { agentsOf } from './agents.mjs';

export function open(task) {
  const client = got.extend({
    agent: agentsOf(task),
    retry: { limit: 0 },
    https: { certificateAuthority: task.authorities },
  });
  return (keys) => Promise.all(keys.map((key) => client.get(`${task.url}/${key}`).buffer()));
}

const manifest = new URL('../../package.json', import.meta.resolve('got'));
export const version = `got ${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
