// Which CA roots a client trusts where no option names them: the environment's, else Node's own, else the system's, as the
// addon's OpenSSL knows of none. They are looked for when a client is opened that needs them; whether they can be used, the
// library says.
import { readFileSync, statSync } from 'node:fs';
import tls from 'node:tls';

// In this order; the two of OpenSSL count together, as they do for OpenSSL.
const BUNDLE_OF_AWS = 'AWS_CA_BUNDLE';
const FILE_OF_OPENSSL = 'SSL_CERT_FILE';
const DIRECTORY_OF_OPENSSL = 'SSL_CERT_DIR';
// Adds to what follows, as it does for Node.
const EXTRA_OF_NODE = 'NODE_EXTRA_CA_CERTS';

const WELL_KNOWN_FILES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora and its kin
  '/etc/pki/tls/certs/ca-bundle.crt', // older ones
  '/var/lib/ca-certificates/ca-bundle.pem', // SUSE
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem', // Alpine, macOS, the BSDs
];

/** A value for one of the options that name roots, and who says so. */
export interface Root {
  keyword: 'tlsCaFile' | 'tlsCaDirectory' | 'tlsCaPem';
  text: string;
  source: string;
}

/** The first that there are. A variable that is set is taken as it is, so that a wrong path is an error. */
export function findRoots(): Root[] {
  const aws = variable(BUNDLE_OF_AWS, isDirectory(process.env[BUNDLE_OF_AWS]) ? 'tlsCaDirectory' : 'tlsCaFile');
  if (aws.length > 0) return aws;
  const openssl = [...variable(FILE_OF_OPENSSL, 'tlsCaFile'), ...variable(DIRECTORY_OF_OPENSSL, 'tlsCaDirectory')];
  if (openssl.length > 0) return openssl;
  const extra = variable(EXTRA_OF_NODE, 'tlsCaFile');
  return [...extra, ...defaults(extra.length > 0)];
}

function variable(source: string, keyword: Root['keyword']): Root[] {
  const text = process.env[source] ?? '';
  return text === '' ? [] : [{ keyword, text, source }];
}

function defaults(hasFile: boolean): Root[] {
  const [certificates, source] = ofNode();
  if (certificates.length > 0) return [{ keyword: 'tlsCaPem', text: certificates.join('\n'), source }];
  const file = WELL_KNOWN_FILES.find(isFile);
  if (file === undefined) return []; // the library looks for itself, and says where it did
  // There is one file for the library, beside which others count as text.
  if (hasFile) return [{ keyword: 'tlsCaPem', text: readFileSync(file, 'latin1'), source: file }];
  return [{ keyword: 'tlsCaFile', text: file, source: 'well-known file' }];
}

/** As PEM, and what gave them: with the system's and the extra ones where Node was told so, since Node 22.15. */
function ofNode(): [readonly string[], string] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates !== undefined) return [getCACertificates('default'), 'tls.getCACertificates()'];
  return [tls.rootCertificates, 'tls.rootCertificates'];
}

/** What describe() shows in place of a text of 200 KB. */
export function certificateCount(pem: string): string {
  return pem === '' ? '' : `${pem.split('-----BEGIN ').length - 1} certificates`;
}

function isDirectory(path: string | undefined): boolean {
  return path !== undefined && found(path)?.isDirectory() === true;
}

function isFile(path: string): boolean {
  const there = found(path);
  return there?.isFile() === true && there.size > 0;
}

function found(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // it may not be looked at
  }
}
