// Which file of trusted roots a client uses when neither an option nor the environment of octofetch says so: what the
// environment says to others, and then where systems keep theirs, as the addon's own OpenSSL knows of none.
import { existsSync } from 'node:fs';

const VARIABLES = ['AWS_CA_BUNDLE', 'SSL_CERT_FILE'];

const WELL_KNOWN = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Alpine
  '/etc/pki/tls/certs/ca-bundle.crt', // Fedora, Amazon Linux
  '/etc/ssl/ca-bundle.pem', // SUSE
  '/etc/pki/tls/cacert.pem',
  '/etc/ssl/cert.pem', // macOS
];

export interface Roots {
  file: string;
  source: string;
}

export function defaultRoots(): Roots | undefined {
  for (const source of VARIABLES) {
    const file = process.env[source];
    if (file !== undefined && file !== '') return { file, source };
  }
  const file = WELL_KNOWN.find((known) => existsSync(known));
  return file === undefined ? undefined : { file, source: 'system' };
}
