// Octo on @aws-sdk/client-s3: a GetObjectCommand a key, one AbortController a page. Its user has followed the guides to a fast
// client: an agent with as many sockets as there may be connections (50 by default), no retries that a page has no time for, and
// no checksums asked for, which the SDK would compute again in JavaScript.
import { createRequire } from 'node:module';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { eachKey } from './each_key.mjs';
import { serve } from './octo.mjs';

const WARNING_MS = 60_000;

function open({ origin, bucket, connections, callsMax }) {
  const agent = { keepAlive: true, maxSockets: connections };
  const client = new S3Client({
    endpoint: origin,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY },
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK says on standard error when requests wait for a socket, which they may as long as their page has time.
    requestHandler: { httpAgent: agent, httpsAgent: agent, socketAcquisitionWarningTimeout: WARNING_MS },
  });
  return eachKey(callsMax, async (key, abortSignal) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
    return Body.transformToByteArray();
  });
}

const { version } = createRequire(import.meta.url)('@aws-sdk/client-s3/package.json');
await serve({ '@aws-sdk/client-s3': version }, open);
