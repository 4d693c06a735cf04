// How a page is fetched within its budget: by octofetch, and as users of undici and the AWS SDK write it. Each opens what it
// needs for the life of the application, and gives a function that answers how many keys came in time.
import { setMaxListeners } from 'node:events';
import http from 'node:http';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Client } from 'octofetch';
import { Pool } from 'undici';

function openOctofetch(url, connections) {
  const client = new Client(url, { connectionsMax: connections });
  // Below the least budget that a batch may have, the page has as good as none.
  return async (keys, budgetMs) => (await client.fetch(keys, { budgetMs: Math.max(5, budgetMs) })).succeeded.length;
}

function openUndici(url, connections) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  return (keys, budgetMs) => {
    const signal = timeoutOf(budgetMs);
    return countOf(keys, async (key) => {
      const { statusCode, body } = await pool.request({ method: 'GET', path: `/${key}`, signal });
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      return body.arrayBuffer();
    });
  };
}

function openAwsSdk(url, connections) {
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
    requestHandler: { httpAgent: new http.Agent({ keepAlive: true, maxSockets: connections }) },
  });
  return (keys, budgetMs) => {
    const abortSignal = timeoutOf(budgetMs);
    return countOf(keys, async (key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bench', Key: key }), { abortSignal });
      return Body.transformToByteArray();
    });
  };
}

/** Of all keys of a page; without a limit of listeners, as Node warns of the eleventh. */
function timeoutOf(budgetMs) {
  const signal = AbortSignal.timeout(Math.max(0, Math.round(budgetMs)));
  setMaxListeners(0, signal);
  return signal;
}

async function countOf(keys, fetchOne) {
  const settled = await Promise.allSettled(keys.map(fetchOne));
  return settled.filter(({ status }) => status === 'fulfilled').length;
}

export const FETCHERS = { octofetch: openOctofetch, undici: openUndici, aws_sdk: openAwsSdk };
