// CA roots: which ones a client trusts, what says so, and what it is told when they are not those of the origin.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import tls from 'node:tls';

import { Client, type ClientOptions, WarmError } from 'octofetch';

import { useOrigin } from './origin_fixture';

const fixture = useOrigin();
const BUDGET = { budgetMs: 20_000 };
const VARIABLES = ['AWS_CA_BUNDLE', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'];

// What the newest Node has, and this one may not.
const node = tls as { getCACertificates?: (type: string) => readonly string[] };
const ofNode = node.getCACertificates;
const before = process.env;
let folder = '';

beforeEach(() => {
  process.env = { ...before };
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  folder = mkdtempSync(path.join(tmpdir(), 'octofetch-roots-'));
});

afterEach(() => {
  process.env = before;
  if (ofNode === undefined) Reflect.deleteProperty(node, 'getCACertificates');
  else node.getCACertificates = ofNode;
  rmSync(folder, { recursive: true });
});

/** As `openssl rehash` leaves it. */
function directory(): string {
  const made = path.join(folder, 'roots');
  mkdirSync(made);
  copyFileSync(fixture.origin.caFile, path.join(made, '0123abcd.0'));
  return made;
}

function pem(): string {
  return readFileSync(fixture.origin.caFile, 'utf8');
}

async function trusts(client: Client): Promise<boolean> {
  return (await client.fetch(['a'], BUDGET)).complete;
}

async function open(options: ClientOptions = {}): Promise<Client> {
  return fixture.open({}, options, 'https');
}

/** What is in force: the option, its value and its source. */
function inForce(client: Client): unknown[][] {
  const all = client.describe();
  return ['tlsCaFile', 'tlsCaDirectory', 'tlsCaPem'].flatMap((name) => {
    const one = all[name];
    return one === undefined || one.value === '' ? [] : [[name, one.value, one.source]];
  });
}

test('an option comes first, be it a file, a directory or the certificates', async () => {
  for (const name of VARIABLES) process.env[name] = '/nowhere';
  const options: ClientOptions[] = [
    { tlsCaFile: fixture.origin.caFile },
    { tlsCaDirectory: directory() },
    { tlsCaPem: pem() },
    { tlsCaPem: [pem(), pem()] },
  ];
  for (const one of options) assert.ok(await trusts(await open(one)), JSON.stringify(one));
  assert.deepEqual(inForce(await open({ tlsCaPem: [pem(), pem()] })), [['tlsCaPem', '2 certificates', 'option']]);
  process.env.OCTOFETCH_TLS_CA_PEM = pem();
  assert.deepEqual(inForce(await open()), [['tlsCaPem', '1 certificates', 'OCTOFETCH_TLS_CA_PEM']]);
});

test('the variables count in their order', async () => {
  const { caFile } = fixture.origin;
  for (const name of ['SSL_CERT_FILE', 'AWS_CA_BUNDLE']) {
    process.env[name] = caFile;
    const client = await open();
    assert.ok(await trusts(client));
    assert.deepEqual(inForce(client), [['tlsCaFile', caFile, name]]);
  }
  process.env.NODE_EXTRA_CA_CERTS = '/nowhere';
  process.env.AWS_CA_BUNDLE = ''; // as good as none
  assert.deepEqual(inForce(await open()), [['tlsCaFile', caFile, 'SSL_CERT_FILE']]);
});

test('a variable may name a directory', async () => {
  const made = directory();
  for (const name of ['AWS_CA_BUNDLE', 'SSL_CERT_DIR']) {
    process.env[name] = made;
    const client = await open();
    assert.ok(await trusts(client));
    assert.deepEqual(inForce(client), [['tlsCaDirectory', made, name]]);
    Reflect.deleteProperty(process.env, name);
  }
});

test('the file and the directory of OpenSSL count together', async () => {
  const { caFile } = fixture.origin;
  const made = directory();
  process.env.SSL_CERT_FILE = caFile;
  process.env.SSL_CERT_DIR = `/nowhere:${made}`;
  assert.deepEqual(inForce(await open()), [
    ['tlsCaFile', caFile, 'SSL_CERT_FILE'],
    ['tlsCaDirectory', `/nowhere:${made}`, 'SSL_CERT_DIR'],
  ]);
});

test('a variable that names nothing of use is refused by its name', () => {
  const empty = path.join(folder, 'empty');
  writeFileSync(empty, '');
  for (const name of VARIABLES) {
    for (const text of ['/nowhere/ca.pem', empty]) {
      process.env[name] = text;
      assert.throws(() => new Client(fixture.origin.url('https')), {
        name: 'OptionError',
        message: new RegExp(`^${name}: tls.ca_(file|directory): '${text}' `),
      });
    }
    Reflect.deleteProperty(process.env, name);
  }
  const refused = (options: ClientOptions): Client => new Client(fixture.origin.url('https'), options);
  assert.throws(() => refused({ tlsCaFile: '/nowhere' }), /^OptionError: tls.ca_file: /);
  assert.throws(() => refused({ tlsCaPem: 'nothing' }), /^OptionError: tls.ca_pem: the text cannot be read/);
});

test("then Node's own roots count, which do not know this origin", async () => {
  const client = await open();
  const [[name, count, source] = []] = inForce(client);
  assert.equal(name, 'tlsCaPem');
  assert.match(String(count), /^\d{2,} certificates$/);
  assert.match(String(source), /^tls\.(rootCertificates|getCACertificates\(\))$/);
  const [result] = await client.fetch(['a'], BUDGET);
  assert.equal(result?.status, 'TLS_FAILED');
  assert.match(result.message, new RegExp(`trusted are the roots of tls.ca_pem \\(${String(count)}\\)$`));
});

test('NODE_EXTRA_CA_CERTS adds to them', async () => {
  process.env.NODE_EXTRA_CA_CERTS = fixture.origin.caFile;
  const client = await open();
  assert.deepEqual(
    inForce(client).map(([name, , source]) => [name, String(source).replace(/^tls\..*/, 'node')]),
    [
      ['tlsCaFile', 'NODE_EXTRA_CA_CERTS'],
      ['tlsCaPem', 'node'],
    ],
  );
  assert.ok(await trusts(client));
});

test('tls.getCACertificates() says which they are where there is one', async () => {
  node.getCACertificates = (type) => (type === 'default' ? [pem()] : []);
  const client = await open();
  assert.ok(await trusts(client));
  assert.deepEqual(inForce(client), [['tlsCaPem', '1 certificates', 'tls.getCACertificates()']]);
});

test('where Node has none, a well-known file counts, also beside NODE_EXTRA_CA_CERTS', async (context) => {
  node.getCACertificates = () => [];
  let found: unknown[][];
  try {
    found = inForce(await open());
  } catch {
    context.skip('this machine has no roots'); // neither Node's were to count, nor has the system a bundle
    return;
  }
  const [[name, file, source] = []] = found;
  assert.deepEqual([name, source], ['tlsCaFile', 'well-known file']);
  process.env.NODE_EXTRA_CA_CERTS = fixture.origin.caFile;
  const client = await open();
  assert.deepEqual(
    inForce(client).map((one) => [one[0], one[2]]),
    [
      ['tlsCaFile', 'NODE_EXTRA_CA_CERTS'],
      ['tlsCaPem', file],
    ],
  );
  assert.ok(await trusts(client));
});

test('plain http looks for no roots', () => {
  process.env.SSL_CERT_FILE = '/nowhere';
  assert.deepEqual(inForce(new Client('http://127.0.0.1')), []);
  assert.deepEqual(inForce(new Client('HTTP://127.0.0.1')), []);
  assert.deepEqual(inForce(new Client('s3://bucket', { endpoint: 'http://127.0.0.1:1' })), []);
  assert.throws(() => new Client('s3://bucket', { region: 'eu-central-1' }), /SSL_CERT_FILE: /);
});

test('warming names the roots in use, and what else to mend', async () => {
  process.env.SSL_CERT_FILE = fixture.origin.caFile;
  const failure = async (listener: string, budgetMs = BUDGET.budgetMs): Promise<WarmError> => {
    const client = await fixture.open({}, {}, listener);
    const error: unknown = await client.warm({ budgetMs }).catch((refused: unknown) => refused);
    assert.ok(error instanceof WarmError);
    return error;
  };
  const untrusted = await failure('https_self_signed');
  assert.equal(untrusted.status, 'TLS_FAILED');
  assert.ok(untrusted.message.includes(fixture.origin.caFile), untrusted.message);
  assert.match(untrusted.message, /; the roots are from SSL_CERT_FILE; name those of the origin in tlsCaFile$/);
  assert.match((await failure('refused')).message, /; check that the origin listens at that address and port/);
  assert.match((await failure('silent', 300)).message, /; check that the origin answers at all/);
  const nobody = new Client('s3://bucket', { endpoint: 'http://127.0.0.1:1', region: 'eu-central-1' });
  await assert.rejects(nobody.warm(), { name: 'WarmError', code: 'OCTO_NO_CREDENTIALS', message: /; pass credentials, or/ });
});
