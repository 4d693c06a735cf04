// What the environment of AWS's tools says about an s3 client, below options and OCTOFETCH_S3_*.

/** Keywords of options that are one set: a key id belongs to its secret and its token. */
export const CREDENTIALS: readonly string[] = ['accessKeyId', 'secretAccessKey', 'sessionToken'];

const PLACE: Readonly<Record<string, readonly string[]>> = {
  region: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  endpoint: ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'],
};

const SIGNER: Readonly<Record<string, readonly string[]>> = {
  accessKeyId: ['AWS_ACCESS_KEY_ID'],
  secretAccessKey: ['AWS_SECRET_ACCESS_KEY'],
  sessionToken: ['AWS_SESSION_TOKEN'],
};

/** A value, and the variable that it is from. */
export interface Default {
  keyword: string;
  text: string;
  source: string;
}

/** For options that are not `taken`. */
export function awsDefaults(taken: ReadonlySet<string>): Default[] {
  const place = Object.entries(PLACE).filter(([keyword]) => !taken.has(keyword));
  // Those of two places are never mixed.
  const isSigned = [...CREDENTIALS, 'unsigned'].some((keyword) => taken.has(keyword));
  return [...place, ...(isSigned ? [] : Object.entries(SIGNER))].flatMap(([keyword, names]) => firstOf(keyword, names));
}

/** A variable that is empty is none, as for AWS's tools. */
function firstOf(keyword: string, names: readonly string[]): Default[] {
  for (const source of names) {
    const text = process.env[source] ?? '';
    if (text !== '') return [{ keyword, text, source }];
  }
  return [];
}
