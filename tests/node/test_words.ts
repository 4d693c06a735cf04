// What the package says to a caller's mistakes: each names the thing and what to write instead.
import assert from 'node:assert/strict';
import path from 'node:path';
import { mock, test } from 'node:test';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';

import { Client, type ClientOptions, Deadline, type FetchOptions, type Get, type Key, OptionError, type WarmOptions, withDeadline } from 'octofetch';

import { FakeClient, pattern } from 'octofetch/testing';

import { useOrigin, warningsOf } from './origin_fixture';

const fixture = useOrigin();

const submits: Record<string, [unknown, unknown, RegExp]> = {
  'a budget in seconds': [['a'], { budgetMs: 0.3 }, /budgetMs is 0.3; it is in milliseconds, .* written 300/],
  'a budget too long': [['a'], { budgetMs: 600_001 }, /budgetMs is 600001; it is in milliseconds, from 5 to 600000/],
  'no number': [['a'], { budgetMs: '300' }, /budgetMs is '300'; it is a number of milliseconds/],
  'no budget at all': [['a'], {}, /budgetMs: 300 \(milliseconds from now\)/],
  'a timeout': [['a'], { timeout: 300 }, /timeout .* write budgetMs: 300/],
  'a budget and a deadline': [['a'], { budgetMs: 300, deadline: Deadline.after(300) }, /both/],
  'no Deadline': [['a'], { deadline: 300 }, /deadline is a Deadline, such as Deadline.after\(300\)/],
  'a deadline too far away': [['a'], { deadline: Deadline.at(1e15) }, /deadline is \d+ ms from now; 600000 can be at most/],
  'an unknown option': [['a'], { budgetMs: 300, retries: 3 }, /no option retries; there are budgetMs/],
  'a controller for its signal': [['a'], { budgetMs: 300, signal: new AbortController() }, /signal is an AbortSignal, not/],
  'no signal': [['a'], { budgetMs: 300, signal: null }, /signal is an AbortSignal, not null/],
  'an unknown onAbort': [['a'], { budgetMs: 300, onAbort: 'ignore' }, /onAbort is 'reject' or 'partial'/],
  'one key': ['a', { budgetMs: 300 }, /a list of keys; for one key there is get/],
  'no keys': [undefined, { budgetMs: 300 }, /a list of keys/],
  'a number as key': [[1], { budgetMs: 300 }, /a key is a string, a Uint8Array, or an object/],
  'half a character': [['a\ud800'], { budgetMs: 300 }, /"a\\ud800" is no text/],
  'half a character with a range': [[{ key: '\udc00', range: { suffix: 1 } }], { budgetMs: 300 }, /is no text/],
  'a range of no bytes': [[{ key: 'a', range: { first: 3, last: 2 } }], { budgetMs: 300 }, /range/],
  'a text with NUL': [[{ key: 'a', query: 'a\0' }], { budgetMs: 300 }, /^query: .*NUL/],
  'half a character in a version': [[{ key: 'a', versionId: '\ud800' }], { budgetMs: 300 }, /versionId is no text/],
  'half a character in a header': [['a'], { budgetMs: 300, headers: { a: '\ud800' } }, /the header 'a' is no text/],
  'a priority of every object': [[{ key: 'a', priority: 'toString' }], { budgetMs: 300 }, /optional, normal, required, not 'toString'/],
  'a range that is null': [[{ key: 'a', range: null }], { budgetMs: 300 }, /a range is/],
  'a request with another field': [[{ key: 'a', etag: 'x' }], { budgetMs: 300 }, /no etag; it has key, range/],
  'a range of nothing': [[{ key: 'a', range: {} }], { budgetMs: 300 }, /a range is/],
  'a range of parts': [[{ key: 'a', range: { first: 1.5 } }], { budgetMs: 300 }, /range.first is 1.5/],
  'an unknown priority': [[{ key: 'a', priority: 'high' }], { budgetMs: 300 }, /optional, normal, required/],
  'a header that is no text': [['a'], { budgetMs: 300, headers: { a: 1 } }, /'a' with a value of the type number is no pair of a name and a value/],
  'a header of two lines': [['a'], { budgetMs: 300, headers: [['a', '1\nb: 2']] }, /header 'a': .*no line feed/],
  'headers that are a text': [['a'], { budgetMs: 300, headers: 'a: 1' }, /headers is an object, a Headers, .* not a value of the type string/],
  'no options': [['a'], null, /options are an object, such as { budgetMs: 300 }, not null/],
  'attempts that are neither kept nor not': [['a'], { budgetMs: 300, keepAttempts: 3 }, /keepAttempts is true or false, not 3/],
  'a header of ours': [['a'], { budgetMs: 300, headers: { Host: 'x' } }, /Host/],
};

for (const [what, [keys, options, said]] of Object.entries(submits)) {
  test(`${what} is refused by submit and fetch`, async () => {
    const client = await fixture.open();
    const refused = (error: unknown): boolean => error instanceof OptionError && said.test(error.message);
    assert.throws(() => client.submit(keys as Key[], options as FetchOptions), refused);
    await assert.rejects(client.fetch(keys as (Key | Get)[], options as FetchOptions), refused);
    assert.equal(client.stats().batches, 0);
  });
}

test('get and warm refuse what they do not know', async () => {
  const client = await fixture.open();
  for (const [options, said] of [
    [{ timeout: 1 }, /timeout is no option; write budgetMs/],
    [{ connection: 3 }, /no option connection; there are connections, budgetMs/],
    [null, /options are an object/],
  ] as const) {
    await assert.rejects(client.warm(options as unknown as WarmOptions), { name: 'OptionError', message: said });
  }
  await assert.rejects(client.get('a', null as unknown as FetchOptions), { name: 'OptionError', message: /options are an object/ });
});

test('an address that is no text, a status that is none and a format that is none are refused in our words', async () => {
  const url = new URL('http://127.0.0.1') as unknown as string;
  assert.throws(() => new Client(url), { name: 'OptionError', message: /the address is a text.* give its href/ });
  assert.throws(() => Client.shared(url), { name: 'OptionError', message: /the address is a text/ });
  const errors = { a: 'NONSENSE' as 'FORBIDDEN' };
  assert.throws(() => new FakeClient({}, { errors }), { name: 'OptionError', message: /'a' ends with 'NONSENSE'/ });
  const results = await (await fixture.open()).fetch(['a'], { budgetMs: 20_000 });
  assert.throws(() => results.explain('toString' as 'json'), { name: 'OptionError', message: /it is line, json or svg/ });
  assert.throws(() => results.get({ key: 'a' } as unknown as Key), { name: 'OptionError', message: /a key is a string/ });
});

test('warm takes a whole number of connections', async () => {
  const client = await fixture.open();
  for (const connections of [0, -1, 1.5, NaN, Infinity, '3', null]) {
    const refused = { name: 'OptionError', message: /connections is .*; it is a whole number, at least 1/ };
    await assert.rejects(client.warm({ connections: connections as number }), refused);
  }
  assert.equal(client.stats().connectionsOpened, 0);
});

test('no refusal repeats what may be a secret', async () => {
  const secret = 'hunter2';
  const client = await fixture.open();
  const refused = [
    ...[{ secretAccessKey: Buffer.from(secret) }, { sessionToken: { secret } }, { tlsCaPem: { secret } }, { headers: [secret] }].map(
      (options) => () => new Client('s3://bucket', options as unknown as ClientOptions),
    ),
    ...[`authorization: ${secret}`, { authorization: [secret] }, [['authorization', secret, 1]]].map(
      (headers) => () => client.submit(['a'], { budgetMs: 300, headers: headers as unknown as Headers }),
    ),
  ];
  for (const call of refused) {
    assert.throws(call, (error: Error) => error.name === 'OptionError' && !/hunter2|68 75 6e 74/.test(error.message));
  }
});

test('what a caller does with its keys after the submit changes nothing', async () => {
  const client = await fixture.open();
  const bytes = Buffer.from('b');
  const request = { key: 'a', priority: 'normal' as const };
  const { proxy, revoke } = Proxy.revocable({ key: 'c' }, {});
  const foreign = runInNewContext('new Uint8Array([100])') as Uint8Array;
  const keys: (Key | Get)[] = [request, bytes, proxy, foreign];
  const batch = client.submit(keys, { budgetMs: 20_000 });
  request.key = 'other';
  bytes.write('x');
  revoke();
  keys.length = 0;
  const results = await batch;
  assert.deepEqual(results.map(({ key }) => key.toString()), ['a', 'b', 'c', 'd']);
  assert.deepEqual(results.map((result) => result.ok && result.body), ['a', 'b', 'c', 'd'].map((key) => pattern(key, 0, 1024)));
  assert.equal(results.get('a'), results.at(0));
  await client.close();
});

test('keys too long to be asked for are refused one by one, however many', async () => {
  const client = await fixture.open();
  // Together they are longer than a text can be.
  const count = 8200;
  const keys = new Array<string>(count).fill('k'.repeat(65_536));
  const results = await client.fetch([...keys, 'a'], { budgetMs: 60_000 });
  assert.deepEqual([results.failed.length, results.succeeded.length, results.failed[0]?.status], [count, 1, 'INVALID_KEY']);
});

test('headers are taken from an object, a Headers, a Map and a list of pairs, of a batch and of a client', async () => {
  const kinds = [{ 'x-a': '1' }, new Headers({ 'x-a': '1' }), new Map([['x-a', '1']]), [['x-a', '1']] as [string, string][]];
  for (const headers of kinds) {
    for (const ofClient of [true, false]) {
      const client = await fixture.open({}, ofClient ? { headers } : {});
      await client.get('a', { budgetMs: 20_000, ...(ofClient ? {} : { headers }) });
      const [seen] = await fixture.origin.lastRequests();
      const own = seen?.headers.filter(([name]) => name.toLowerCase() === 'x-a').map(([, value]) => value);
      assert.deepEqual(own, ['1'], inspect(headers));
    }
  }
});

test('a body that is asked of NOT_MODIFIED says why there is none', async () => {
  const client = await fixture.open({ default: { etag: '"e"' } });
  const results = await client.fetch([{ key: 'a', ifNoneMatch: '"e"' }], { budgetMs: 20_000 });
  const result = results.at(0);
  assert.ok(result?.status === 'NOT_MODIFIED');
  assert.throws(() => result.body, /^FetchError: "a": NOT_MODIFIED: there is no body, as .* ifNoneMatch/);
});

test('get tells of no attempts', async () => {
  const client = await fixture.open();
  const options = { budgetMs: 300, keepAttempts: true } as FetchOptions;
  await assert.rejects(client.get('a', options), { name: 'OptionError', message: /keepAttempts: get\(\) gives a body alone/ });
});

const opens: Record<string, [string, unknown, RegExp]> = {
  'an unknown option': ['http://127.0.0.1', { connectionMax: 5 }, /no option connectionMax; did you mean connectionsMax\?/],
  'a timeout': ['http://127.0.0.1', { timeout: 5 }, /budgetMs.*connectTimeoutMs/],
  'a text that is no size': ['http://127.0.0.1', { memoryMax: '256 megs' }, /memory.max: '256 megs' is not valid; write a size/],
  'a budget in seconds': ['http://127.0.0.1', { budgetMs: 0.3 }, /budgetMs is 0.3; it is in milliseconds, .* written 300/],
  'a budget in a fraction of seconds': ['http://127.0.0.1', { budgetMs: '0.001s' }, /budgetMs is 1; it is in milliseconds/],
  'a budget without its unit': ['http://127.0.0.1', { budgetMs: '300' }, /budget: '300' is not valid; write .*300ms/],
  'a header with another inside': ['http://127.0.0.1', { headers: { a: '1\r\nb: 2' } }, /'a' or its value has the end/],
  'a header of nothing': ['http://127.0.0.1', { headers: { a: undefined } }, /'a' with undefined is no pair/],
  'headers that are a number': ['http://127.0.0.1', { headers: 1 }, /headers is a text, not a value of the type number/],
  'a budget in microseconds': ['http://127.0.0.1', { budgetMs: '300us' }, /budgetMs is 0.3; it is in milliseconds/],
  'another type': ['http://127.0.0.1', { connectionsMax: 1.5 }, /connectionsMax is a whole number, not 1.5/],
  'an address with NUL': ['http://127.0.0.1/\0', {}, /^url: .*NUL/],
  'an option with NUL': ['http://127.0.0.1', { userAgent: 'a\0b' }, /^user_agent: .*NUL/],
  'no options': ['http://127.0.0.1', null, /options are an object/],
  'an unknown scheme': ['ftp://127.0.0.1', {}, /ftp/],
};

for (const [what, [url, options, said]] of Object.entries(opens)) {
  test(`${what} is refused by a new client`, () => {
    assert.throws(() => new Client(url, options as ClientOptions), { name: 'OptionError', message: said });
  });
}

test('a deadline is refused where it is made', () => {
  for (const budgetMs of [0.3, 0, 600_001, NaN]) assert.throws(() => Deadline.after(budgetMs), /Deadline.after is .*milliseconds/);
  for (const atUs of [NaN, Infinity, '300', undefined]) {
    assert.throws(() => Deadline.at(atUs as number), /Deadline.at\(.*\): it is given atUs of another deadline/);
  }
});

test('a budget that is refused when it is set changes nothing', async () => {
  const client = await fixture.open({}, { budgetMs: 20_000 });
  assert.throws(() => client.set({ budgetMs: 0.3 }), /budgetMs is 0.3; it is in milliseconds/);
  assert.throws(() => client.set({ budgetMs: '300us' }), /budgetMs is 0.3; it is in milliseconds/);
  client.set({ memoryMax: '64MiB' });
  assert.ok((await client.fetch(['a'])).complete);
});

test('a budget of a variable is refused by its name', () => {
  process.env.OCTOFETCH_BUDGET = '300us';
  try {
    assert.throws(() => new Client('http://127.0.0.1'), { name: 'OptionError', message: /^OCTOFETCH_BUDGET is 0.3/ });
  } finally {
    delete process.env.OCTOFETCH_BUDGET;
  }
});

test('a deadline around several batches ends them all, and the inner one counts if it is earlier', async () => {
  const client = await fixture.open({ paths: { '/slow': { delay_ms: 30_000 } } }, { budgetMs: 20_000 });
  const begunAt = performance.now();
  await withDeadline(200, async () => {
    assert.equal((await client.fetch(['slow'])).state, 'DEADLINE');
    assert.equal((await withDeadline(10_000, () => client.fetch(['slow'], { budgetMs: 5000 }))).state, 'DEADLINE');
  });
  assert.ok(performance.now() - begunAt < 5000);
  assert.throws(() => withDeadline(0.3, () => undefined), /withDeadline is 0.3; it is in milliseconds/);
});

test('a batch that brings nothing is warned of, once', async () => {
  const client = await fixture.open({ default: { status: 500 } }, { name: 'thumbs' });
  const warnings = await warningsOf(async () => {
    await client.fetch(['a', 'b'], { budgetMs: 5000 });
    await client.fetch(['a', 'b'], { budgetMs: 5000 });
  });
  assert.deepEqual(
    warnings.map((warning) => [warning.name, (warning as NodeJS.ErrnoException).code]),
    [['OctofetchWarning', 'OCTO_NOTHING_FETCHED']],
  );
  assert.match(warnings[0]?.message ?? '', /^thumbs: SERVER_ERROR: 0 of 2/);
});

test('it is warned of again for another cause, and of the same one after 10 s', async () => {
  const library = path.join(path.dirname(require.resolve('octofetch')), 'native.js');
  const { addon } = (await import(library)) as { addon: { nowUs(): number } };
  let nowUs = 0;
  mock.method(addon, 'nowUs', () => nowUs);
  const client = new FakeClient({ a: '1' }, { late: ['slow'], budgetMs: 300, name: 'thumbs' });
  const causes = async (...keys: string[][]): Promise<(string | undefined)[]> => {
    const warnings = await warningsOf(async () => {
      for (const one of keys) await client.fetch(one);
    });
    return warnings.map(({ message }) => message.split(': ')[1]);
  };
  assert.deepEqual(await causes(['gone'], ['gone'], ['slow'], ['a', 'gone'], []), ['NOT_FOUND', 'DEADLINE']);
  nowUs = 9_999_999;
  assert.deepEqual(await causes(['gone'], ['slow', 'slow', 'gone']), []);
  nowUs = 10_000_000;
  assert.deepEqual(await causes(['gone'], ['gone']), ['NOT_FOUND']);
  mock.restoreAll();
});
