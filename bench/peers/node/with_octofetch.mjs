// Octo on octofetch: one call a page. The client signs, and does nothing besides: retries, hedging, coalescing and a cache it has not.
import { buildInformation, Client, Deadline } from 'octofetch';

import { serve } from './octo.mjs';
import { nowNs } from './clock.mjs';

const NS_PER_US = 1e3;

function open({ origin, bucket, connections }) {
  const client = new Client(`s3://${bucket}`, {
    endpoint: origin,
    region: 'us-east-1',
    addressing: 'path',
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
    connectionsMax: connections,
  });
  return async (keys, deadlineNs, arrive) => {
    const submittedNs = nowNs();
    // On the same clock, and unlike a budget it may have passed.
    const results = await client.fetch(keys, { deadline: Deadline.at(Math.ceil(deadlineNs / NS_PER_US)) });
    const handlerNs = nowNs();
    for (const result of results) if (result.ok) arrive(result.key, result.body);
    return { handler_ns: handlerNs, library_ns: frozenNs(results.info, deadlineNs, submittedNs) };
  };
}

/** The library counts from inside its submit; a page that came late is frozen there. */
function frozenNs({ budgetUs, frozenUs }, deadlineNs, submittedNs) {
  return Math.max(submittedNs, deadlineNs - (budgetUs - frozenUs) * NS_PER_US);
}

await serve({ octofetch: buildInformation }, open);
