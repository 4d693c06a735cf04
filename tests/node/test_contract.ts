// What holds for the real client against an origin and for FakeClient of octofetch/testing alike.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { type Client, type ClientOptions, ClosedError, Deadline, FetchError, type Key, OptionError } from 'octofetch';
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
  },
};

const fixture = useOrigin();

const makers: Record<string, (options?: ClientOptions) => Promise<Client> | Client> = {
  real: (options) => fixture.open(SCRIPT, { name: 'contract', ...options }),
  fake: (options) =>
    new FakeClient(
      { a: '0123456789', 'p.json': Buffer.from('{"x": 1}') },
      {
        late: ['slow'],
        errors: { broken: 'SERVER_ERROR', secret: 'FORBIDDEN' },
        headersOf: { a: { 'content-type': 'text/plain' } },
        name: 'contract',
        ...options,
      },
    ),
};

for (const [kind, make] of Object.entries(makers)) {
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
