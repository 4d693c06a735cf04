// What holds for the real client against an origin and for FakeClient of octofetch/testing alike.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import {
  type Batch,
  Client,
  type ClientOptions,
  ClosedError,
  Deadline,
  FetchError,
  type Key,
  OptionError,
  type OpenOptions,
  type Range,
  type Status,
} from 'octofetch';
import { FakeClient } from 'octofetch/testing';

import { eventually, useOrigin } from './origin_fixture';
import { libraryThreads } from './resources';

const KEYS: Key[] = ['a', 'gone', 'slow', 'broken', 'p.json', Buffer.from('a')];
const SCRIPT = {
  default: { status: 404 },
  paths: {
    '/a': { body: '0123456789', headers: [['Content-Type', 'text/plain']] },
    '/p.json': { body: '{"x": 1}' },
    '/slow': { delay_ms: 30_000 },
    '/broken': { status: 500 },
    '/secret': { status: 403 },
    '/empty': { body: '' },
  },
};
const BUDGET = { budgetMs: 10_000 };

const fixture = useOrigin();

const makers: Record<string, (options?: ClientOptions) => Promise<Client> | Client> = {
  real: (options) => fixture.open(SCRIPT, { name: 'contract', ...options }),
  fake: (options) =>
    new FakeClient(
      { a: '0123456789', 'p.json': Buffer.from('{"x": 1}'), empty: '' },
      {
        late: ['slow'],
        errors: { broken: 'SERVER_ERROR', secret: 'FORBIDDEN' },
        headersOf: { a: { 'content-type': 'text/plain' } },
        name: 'contract',
        ...options,
      },
    ),
};

/** Of an s3 origin; none of them is asked for anything. */
const s3Makers: Record<string, (options: OpenOptions) => Client> = {
  real: (options) => new Client('s3://bucket', options),
  fake: (options) => new FakeClient({ 'a/../b': '1' }, { url: 's3://bucket', ...options }),
};

const ENDINGS: Record<string, (batch: Batch, client: Client, aborter: AbortController) => void> = {
  CANCELLED: (batch) => batch.cancel(),
  'CANCELLED by its signal': (_batch, _client, aborter) => aborter.abort(),
  CLOSED: (_batch, client) => client.destroy(),
};

for (const [kind, make] of Object.entries(makers)) {
  test(`${kind}: what has not settled when a batch is left is CANCELLED`, async () => {
    const batch = (await make()).submit(['slow', 'a'], BUDGET);
    for await (const { key } of batch) {
      assert.equal(key, 'a');
      break;
    }
    const results = await batch;
    assert.deepEqual([results.state, ...results.map(({ status }) => status)], ['CANCELLED', 'CANCELLED', 'OK']);
    const slow = results.at(0);
    assert.deepEqual([slow?.settled, slow?.phase, slow?.attempts], [false, 'waiting', 1]);
    assert.deepEqual([results.info.settledCount, results.info.lateCount, results.info.failedCount], [1, 0, 1]);
    assert.ok(results.elapsedMs < BUDGET.budgetMs);
  });

  for (const [ending, end] of Object.entries(ENDINGS)) {
    test(`${kind}: what has not settled when a batch ends before its deadline is ${ending}`, async () => {
      const [client, aborter] = [await make(), new AbortController()];
      const options = { ...BUDGET, signal: aborter.signal, onAbort: 'partial' as const };
      const batch = client.submit(['slow', 'a'], options);
      const seen: [Key, Status][] = [];
      for await (const { key, status } of batch) {
        seen.push([key, status]);
        if (key === 'a') end(batch, client, aborter);
      }
      const [status] = ending.split(' ');
      assert.deepEqual(seen, [['a', 'OK'], ['slow', status]]);
      assert.equal((await batch).state, status);
    });
  }

  test(`${kind}: a batch that is cancelled at once has nothing that is late`, async () => {
    const client = await make();
    const results = await client.fetch(['slow'], { ...BUDGET, signal: AbortSignal.abort(), onAbort: 'partial' });
    assert.deepEqual([results.state, results.at(0)?.status], ['CANCELLED', 'CANCELLED']);
    const aborter = new AbortController();
    const fetched = client.fetch(['slow'], { ...BUDGET, signal: aborter.signal, onAbort: 'partial' });
    aborter.abort();
    assert.equal((await fetched).state, 'CANCELLED');
    assert.equal(client.stats().batchesDeadline, 0);
  });

  test(`${kind}: a range past the end of an object is RANGE_NOT_SATISFIABLE`, async () => {
    const ranges: [Key, Range][] = [['a', { first: 10 }], ['a', { first: 10, last: 20 }], ['empty', { suffix: 3 }]];
    const results = await (await make()).fetch(
      ranges.map(([key, range]) => ({ key, range })),
      BUDGET,
    );
    assert.deepEqual(
      results.map(({ status, httpStatus, bytesReceived, settled }) => [status, httpStatus, bytesReceived, settled]),
      ranges.map(() => ['RANGE_NOT_SATISFIABLE', 416, 0, true]),
    );
    assert.equal(results.info.failedCount, 3);
  });

  test(`${kind}: a range that asks for nothing is refused`, async () => {
    const client = await make();
    const fetching = (range: Range): Promise<unknown> => client.fetch(['a', { key: 'a', range }], BUDGET);
    const refusal = (message: RegExp): object => ({ name: 'OptionError', message });
    await assert.rejects(fetching({ first: 5, last: 2 }), refusal(/^request 1: range_first 5 is behind/));
    await assert.rejects(fetching({ suffix: 0 }), refusal(/^request 1: a suffix range of 0 bytes/));
  });

  test(`${kind}: a key that no origin is asked for is INVALID_KEY`, async () => {
    const refused: Key[] = ['', '.', '..', 'a/./b', 'a/..', '../a', '/.', Buffer.from('..'), 'x'.repeat(1025)];
    const asked = ['...', 'a/.b', 'a//b', '/', 'x'.repeat(1024)];
    const client = await make();
    const results = await client.fetch([...refused, ...asked], BUDGET);
    const told = results.map((one) => [one.status, one.httpStatus, one.phase, one.attempts, one.settled]);
    assert.deepEqual(told.slice(0, refused.length), refused.map(() => ['INVALID_KEY', 0, 'queued', 0, true]));
    assert.ok(results.map(({ status }) => status).slice(refused.length).every((status) => status === 'NOT_FOUND'));
    assert.deepEqual(
      [0, 2, 8].map((at) => results.at(at)?.message.replace(/;.*allowed$/, '')),
      [
        'the key is empty',
        "the key '..' has a '.' or '..' segment; set key.dot_segments=true if the origin means it literally",
        'the key has 1025 bytes',
      ],
    );
    const literal = await (await make({ keyDotSegments: true })).fetch(['', '..'], BUDGET);
    assert.deepEqual(literal.map(({ status }) => status), ['INVALID_KEY', 'NOT_FOUND']);
  });

  test(`${kind}: more keys than a batch may have are refused`, async () => {
    const client = await make();
    const many = Array.from({ length: 16_385 }, () => 'a');
    const message = 'the batch has 16385 requests; batch.requests_max allows 16384: split it';
    await assert.rejects(client.fetch(many, BUDGET), { name: 'OptionError', code: 'OCTO_INVALID_ARGUMENT', message });
    assert.equal(client.stats().batches, 0);
    const few = await make({ batchRequestsMax: 2 });
    assert.throws(() => few.submit(['a', 'a', 'a'], BUDGET), /^OptionError: the batch has 3 requests; .* allows 2/);
  });

  test(`${kind}: credentials belong to an s3 origin`, () => {
    const credentials = { accessKeyId: 'FIRST', secretAccessKey: 'secret' };
    const client = s3Makers[kind]?.({ region: 'eu-central-1', credentials });
    assert.deepEqual(client?.describe().accessKeyId, { value: 'FIRST', source: 'credentials' });
    assert.equal(client?.url, 's3://bucket');
    client.destroy();
  });

  test(`${kind}: of many keys each has its own result, in order or as they settle`, async () => {
    const plain = Array.from({ length: 2500 }, (_, at): Key => (at % 7 === 0 ? 'gone' : 'a'));
    const client = await make();
    for (const keys of [plain, [...plain, 'a\0', Buffer.from('p.json')]]) {
      const results = await client.fetch(keys, { budgetMs: 60_000 });
      assert.deepEqual(Array.from(results, ({ key }) => key), keys);
      assert.ok(results.map(({ key, status }) => (key === 'a' ? 'OK' : 'NOT_FOUND') === status).slice(0, plain.length).every(Boolean));
      assert.deepEqual(results.map(({ status }) => status).slice(plain.length), keys === plain ? [] : ['NOT_FOUND', 'OK']);
      let count = 0;
      for await (const { key, ok } of client.submit(keys, { budgetMs: 60_000 })) {
        if (ok === (key === 'a' || key instanceof Uint8Array)) count += 1;
      }
      assert.equal(count, keys.length);
    }
  });

  test(`${kind}: attempts are told where they were asked for`, async () => {
    const client = await make();
    const results = await client.fetch(['a', 'gone', 'slow'], { budgetMs: 300, keepAttempts: true });
    const attempts = [...results.attempts()].sort((one, other) => one.index - other.index);
    assert.deepEqual(
      attempts.map(({ key, number, cause, status, settled, httpStatus }) => [key, number, cause, status, settled, httpStatus]),
      [
        ['a', 1, 'first', 'OK', true, 200],
        ['gone', 1, 'first', 'NOT_FOUND', true, 404],
        ['slow', 1, 'first', 'DEADLINE', false, 0],
      ],
    );
    assert.deepEqual([attempts[2]?.phase, attempts[2]?.endedMs], ['waiting', 300]);
    const batch = client.submit(['a'], { budgetMs: 10_000, keepAttempts: true });
    assert.equal((await batch).attempts().length, 1);
    const plain = await client.fetch(['a'], { budgetMs: 10_000 });
    assert.throws(() => plain.attempts(), { name: 'OptionError', message: /none were kept; fetch with keepAttempts: true/ });
  });

  test(`${kind}: results are in their groups`, async () => {
    const results = await (await make()).fetch(KEYS, { budgetMs: 300 });
    const groups = [results.succeeded, results.missing, results.late, results.failed];
    assert.deepEqual(
      groups.map((group) => group.map(({ key }) => String(key))),
      [['a', 'p.json', 'a'], ['gone'], ['slow'], ['broken']],
    );
    assert.equal(results.complete, false);
    assert.equal(results.state, 'DEADLINE');
    assert.equal(results.length, 6);
    const [a, gone, slow, broken, page] = results;
    assert.ok(a?.ok && page?.ok);
    assert.equal(a.body.toString(), '0123456789');
    assert.equal(a.text(), '0123456789');
    assert.equal(a.headers['content-type'], 'text/plain');
    assert.deepEqual(page.json(), { x: 1 });
    assert.equal(slow?.phase, 'waiting');
    assert.deepEqual([a.httpStatus, gone?.httpStatus, broken?.httpStatus], [200, 404, 500]);
    assert.match(results.explain(), /^3 of 6/);
    assert.match(results.explain('svg'), /^<svg/);
    assert.equal((JSON.parse(results.explain('json')) as { v: number }).v, 1);
    assert.match(results.serverTiming(), /^octofetch;dur=[\d.]+;desc="3 of 6"$/);
    assert.equal(results.info.budgetUs, 300_000);
    assert.equal(results.get('a'), results.at(0));
    assert.equal(results.get(Buffer.from('gone')), gone);
    assert.equal(results.at(-1), results.at(5));
    assert.equal(results.get('never'), undefined);
    assert.deepEqual(
      results.settled().map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.throws(
      () => results.throwIfErrors(),
      (error: unknown) =>
        error instanceof AggregateError && error.errors.length === 3 && /^3 of 6/.test(error.message),
    );
    assert.doesNotMatch(JSON.stringify(results), /0123456789/);
  });

  test(`${kind}: a batch is iterated as it settles, and awaited`, async () => {
    const batch = (await make()).submit(KEYS, { deadline: Deadline.after(300) });
    const keys: string[] = [];
    for await (const { key } of batch) keys.push(String(key));
    assert.equal(keys.at(-1), 'slow');
    assert.deepEqual([...keys].sort(), KEYS.map(String).sort());
    assert.deepEqual(
      (await batch).map(({ key }) => key),
      KEYS,
    );
  });

  test(`${kind}: ranges are cut`, async () => {
    const ranges = [{ first: 2, last: 4 }, { first: 8 }, { suffix: 1 }];
    const results = await (await make()).fetch(
      ranges.map((range) => ({ key: 'a', range })),
      { budgetMs: 5000 },
    );
    assert.deepEqual(
      results.succeeded.map(({ body }) => String(body)),
      ['234', '89', '9'],
    );
    assert.ok(results.succeeded.every(({ partial, objectSize }) => partial && objectSize === 10));
  });

  test(`${kind}: get rejects with a typed error`, async () => {
    const client = await make();
    assert.equal(String(await client.get('a', { budgetMs: 5000 })), '0123456789');
    await assert.rejects(client.get('gone', { budgetMs: 5000 }), (error: unknown) => {
      assert.ok(error instanceof FetchError);
      const { code, key, httpStatus, phase, requestId, status } = error;
      assert.deepEqual(
        { code, key, httpStatus, phase, requestId, status },
        { code: 'OCTO_NOT_FOUND', key: 'gone', httpStatus: 404, phase: 'receiving', requestId: '', status: 'NOT_FOUND' },
      );
      return true;
    });
    await assert.rejects(client.get('secret', { budgetMs: 5000 }), { code: 'OCTO_FORBIDDEN' });
    await assert.rejects(client.get('a'), OptionError);
  });

  test(`${kind}: debug says what is inside`, async () => {
    const client = await make({ queueMax: 77 });
    assert.deepEqual([client.debug().v, client.debug().name, client.debug().queue.limit], [1, 'contract', 77]);
    await client.close();
    assert.throws(() => client.debug(), ClosedError);
  });

  test(`${kind}: a closed client says so`, async () => {
    const client = await make({ budgetMs: 5000 });
    await client.fetch(['a']);
    await eventually(() => assert.equal(client.stats().requestsOk, 1));
    await client.close();
    await client.close();
    await assert.rejects(client.fetch(['a']), ClosedError);
    assert.throws(() => client.submit(['a']), { code: 'OCTO_CLOSED' });
  });
}

test('a fake of an s3 origin has keys with dots, and one of http refuses credentials', async () => {
  const credentials = async () => ({ accessKeyId: 'FIRST', secretAccessKey: 'secret' });
  const client = new FakeClient({ 'a/../b': '1' }, { url: 's3://bucket', region: 'eu-central-1', credentials });
  const results = await client.fetch(['a/../b', '..', ''], BUDGET);
  assert.deepEqual(results.map(({ status }) => status), ['OK', 'NOT_FOUND', 'INVALID_KEY']);
  client.destroy();
  assert.throws(() => new FakeClient({}, { credentials }), { name: 'OptionError', code: 'OCTO_UNSUPPORTED' });
});

test('a fake works under fake timers, without threads', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
  try {
    const client = new FakeClient({ a: '1' }, { errors: { full: 'SHED' }, late: ['slow'], budgetMs: 600_000 });
    const results = await client.fetch(['a', 'full', 'slow'], { keepAttempts: true });
    assert.deepEqual(
      results.map(({ status }) => status),
      ['OK', 'SHED', 'DEADLINE'],
    );
    assert.equal(results.elapsedMs, 600_000);
    assert.deepEqual(results.attempts().map(({ key, waitingMs }) => [key, waitingMs]), [['a', 0], ['slow', 600_000]]);
    await client.close();
    assert.deepEqual(libraryThreads(), []);
  } finally {
    mock.timers.reset();
  }
});
