// @aws-sdk/client-s3: a GetObjectCommand a key, signed with credentials that nobody checks, buckets by path.
import { createRequire } from 'node:module';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { agentsOf } from './agents.mjs';

export function open(task) {
  const agents = agentsOf(task);
  const client = new S3Client({
    endpoint: task.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
    maxAttempts: 1,
    requestHandler: { httpAgent: agents.http, httpsAgent: agents.https, socketAcquisitionWarningTimeout: 60_000 },
  });
  const fetchOne = async (key) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: task.bucket, Key: key }));
    return Body.transformToByteArray();
  };
  return (keys) => Promise.all(keys.map(fetchOne));
}

export const version = `client-s3 ${createRequire(import.meta.url)('@aws-sdk/client-s3/package.json').version}`;
