// Opens a client that asks where, how and as whom an S3Client of the AWS SDK does.
import { Client, type OpenOptions } from './client';
import type { Credentials } from './credentials';
import { OptionError } from './errors';

type Provided<T> = T | (() => Promise<T>);

/** What is read of an S3Client of @aws-sdk/client-s3, version 3. */
export interface S3ClientLike {
  config: {
    region: Provided<string>;
    credentials?: Provided<Credentials> | undefined;
    forcePathStyle?: boolean | undefined;
    endpoint?: (() => Promise<S3Endpoint>) | undefined;
    /** What variables and files of AWS's tools say where `endpoint` says nothing; older ones do not tell. */
    serviceConfiguredEndpoint?: (() => Promise<string | undefined>) | undefined;
    useDualstackEndpoint?: Provided<boolean> | undefined;
    useFipsEndpoint?: Provided<boolean> | undefined;
    useAccelerateEndpoint?: Provided<boolean> | undefined;
  };
}

interface S3Endpoint {
  protocol: string;
  hostname: string;
  port?: number | undefined;
  path: string;
}

export interface S3Options extends OpenOptions {
  bucket: string;
  /** What stands before every key. */
  prefix?: string | undefined;
}

type Config = S3ClientLike['config'];

/**
 * Resolves once the SDK has found its region and endpoint; from then on it is asked for credentials. What is given here as
 * well comes first.
 */
export async function fromS3Client(s3: S3ClientLike, { bucket, prefix = '', ...given }: S3Options): Promise<Client> {
  const { config } = s3;
  const options: OpenOptions = { ...given };
  options.region ??= await provided(config.region);
  if (options.endpoint === undefined) {
    await refuseHosts(config, options.region);
    options.endpoint = await endpointOf(config);
    if ((await provided(config.useDualstackEndpoint)) === true) options.dualStack ??= true;
  }
  if (config.forcePathStyle === true) options.addressing ??= 'path';
  const isSignedOtherwise = options.accessKeyId !== undefined || options.unsigned === true;
  if (!isSignedOtherwise) options.credentials ??= config.credentials;
  return new Client(`s3://${bucket}/${prefix}`, options);
}

/** Those of which the library knows nothing: it would ask others, which is what they were chosen to prevent. */
async function refuseHosts({ useFipsEndpoint, useAccelerateEndpoint }: Config, region: string): Promise<void> {
  const refused = (name: string, host: string): OptionError => {
    const text = `${name}: the S3Client has it, and octofetch has no such option; give endpoint: 'https://${host}' here`;
    return new OptionError(`${text}, or make the S3Client without it`, 'UNSUPPORTED');
  };
  if ((await provided(useFipsEndpoint)) === true) throw refused('useFipsEndpoint', `s3-fips.${region}.amazonaws.com`);
  if ((await provided(useAccelerateEndpoint)) === true) {
    throw refused('useAccelerateEndpoint', 's3-accelerate.amazonaws.com');
  }
}

async function endpointOf({ endpoint, serviceConfiguredEndpoint }: Config): Promise<string | undefined> {
  if (endpoint === undefined) return await serviceConfiguredEndpoint?.();
  const { protocol, hostname, port, path } = await endpoint();
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path === '/' ? '' : path}`;
}

async function provided<T extends boolean | string | undefined>(value: Provided<T>): Promise<T> {
  return typeof value === 'function' ? await value() : value;
}
