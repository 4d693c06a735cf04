// undici: a request a key, one Pool that has the connections.
import { createRequire } from 'node:module';

import { Pool } from 'undici';

export function open(task) {
  const pool = new Pool(task.url, { connections: task.connections, pipelining: 1, connect: { ca: task.authorities } });
  const fetchOne = async (key) => {
    const { statusCode, body } = await pool.request({ method: 'GET', path: `/${key}` });
    if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
    return new Uint8Array(await body.arrayBuffer());
  };
  return (keys) => Promise.all(keys.map(fetchOne));
}

export const version = `undici ${createRequire(import.meta.url)('undici/package.json').version}`;
