// Octo on undici: a Pool with so many connections, a request a key, one AbortController a page. request() rather than fetch(),
// as its authors advise for speed: there are no web streams between the socket and the body.
import { createRequire } from 'node:module';

import { Pool } from 'undici';

import { eachKey } from './each_key.mjs';
import { serve } from './octo.mjs';

// As long as octofetch keeps it; undici's 4 s would close the connections of a spike before the next one.
const IDLE_MS = 10_000;

function open({ origin, bucket, connections, callsMax }) {
  const pool = new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: IDLE_MS });
  return eachKey(callsMax, async (key, signal) => {
    const { statusCode, body } = await pool.request({ method: 'GET', path: `/${bucket}/${key}`, signal });
    if (statusCode !== 200) {
      // A response that nobody reads would take its connection with it.
      await body.dump();
      throw new Error(`HTTP ${statusCode}`);
    }
    return body.bytes();
  });
}

await serve({ undici: createRequire(import.meta.url)('undici/package.json').version }, open);
