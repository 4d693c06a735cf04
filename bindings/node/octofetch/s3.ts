// Opens a client that asks where, how and as whom an S3Client of the AWS SDK does.
import { Client } from './client';
import type { Credentials } from './credentials';
import type { ClientOptions } from './options';

/** What is read of an S3Client of @aws-sdk/client-s3, version 3. */
export interface S3ClientLike {
  config: {
    region: string | (() => Promise<string>);
    credentials?: (() => Promise<Credentials>) | Credentials | undefined;
    forcePathStyle?: boolean | undefined;
    endpoint?: (() => Promise<{ protocol: string; hostname: string; port?: number | undefined; path: string }>) | undefined;
  };
}

export interface S3Options extends ClientOptions {
  bucket: string;
  /** What stands before every key. */
  prefix?: string | undefined;
}

/**
 * Resolves once the SDK has found its region and endpoint; from then on it is asked for credentials. What is given here as
 * well comes first.
 */
export async function fromS3Client(s3: S3ClientLike, { bucket, prefix = '', ...options }: S3Options): Promise<Client> {
  const { region, credentials, forcePathStyle, endpoint } = s3.config;
  const found: ClientOptions = { region: typeof region === 'function' ? await region() : region };
  if (endpoint !== undefined) {
    const { protocol, hostname, port, path } = await endpoint();
    found.endpoint = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path === '/' ? '' : path}`;
  }
  if (forcePathStyle === true) found.addressing = 'path';
  const isSignedOtherwise = options.accessKeyId !== undefined || options.unsigned === true;
  const signed = credentials === undefined || isSignedOtherwise ? {} : { credentials };
  return new Client(`s3://${bucket}/${prefix}`, { ...found, ...signed, ...options });
}
