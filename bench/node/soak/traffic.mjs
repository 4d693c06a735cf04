// Those who fetch in the soak, in one thread of JavaScript: pages one after the other, pages together, pages that are given
// up, and clients and workers that come and go.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { Client } from 'octofetch';
import { pattern } from 'octofetch/testing';

const KEYS = 100;
const BUDGET_MS = 250;
const PAUSE_MS = 20;
const WORKER_MS_MAX = 300;
const LOOKED_AT = 3; // of each page; more would be what takes the time

/** `origin` has http, https, ca_file, size and the prefixes of its keys. */
export class Traffic {
  #origin;
  #clients;
  #isOver = false;
  #loops = [];
  isPaused = false;
  tally = { keys: 0, wrong: 0, workers: 0, statuses: {} };

  constructor(origin) {
    this.#origin = origin;
    this.#clients = [
      new Client(origin.http, { connectionsMax: 32 }),
      new Client(origin.https, { connectionsMax: 32, tlsCaFile: origin.ca_file }),
    ];
  }

  start() {
    const [plain, secure] = this.#clients;
    this.#loops = [
      this.#turns((turn) => this.#page(plain, 1 + 7 * turn)),
      this.#turns((turn) => this.#page(secure, 2 + 7 * turn)),
      this.#turns((turn) => this.#together(this.#clients[turn % 2], 3 * turn)),
      this.#turns((turn) => this.#openAndClose(turn)),
      this.#turns(() => this.#workerThatEnds()),
    ];
  }

  async stop() {
    this.#isOver = true;
    await Promise.all(this.#loops);
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #turns(work) {
    for (let turn = 1; !this.#isOver; turn++) {
      if (!this.isPaused) await work(turn);
      await pause(PAUSE_MS);
    }
  }

  async #page(client, page) {
    this.#count(await client.fetch(this.#keysOf(page), { budgetMs: BUDGET_MS }));
  }

  /** Two pages at once, one that is left as soon as something is late, and one that is aborted. */
  async #together(client, page) {
    await Promise.all([this.#page(client, page), this.#page(client, page)]);
    const keys = this.#keysOf(page);
    for await (const result of client.submit(keys, { budgetMs: BUDGET_MS })) {
      if (result.status === 'DEADLINE') break;
    }
    const givenUp = new AbortController();
    const aborted = client.fetch(keys, { budgetMs: BUDGET_MS, signal: givenUp.signal }).catch(() => undefined);
    await pause(Math.random() * PAUSE_MS);
    givenUp.abort();
    await aborted;
  }

  async #openAndClose(turn) {
    const client = new Client(this.#origin.http, { connectionsMax: 8 });
    await this.#page(client, turn);
    const cut = client.submit(this.#keysOf(turn), { budgetMs: BUDGET_MS });
    if (turn % 2 === 0) client.destroy();
    else await client.close();
    await cut;
    await pause(10 * PAUSE_MS);
  }

  /** With batches in flight, wherever it is by then. */
  async #workerThatEnds() {
    const worker = new Worker(new URL('worker.mjs', import.meta.url), {
      workerData: { url: this.#origin.http, keys: this.#keysOf(this.tally.workers) },
    });
    // Node does not close the file of a module that a worker was reading when it was terminated.
    await once(worker, 'message');
    await pause(Math.random() * WORKER_MS_MAX);
    await worker.terminate();
    this.tally.workers += 1;
    await pause(10 * PAUSE_MS);
  }

  #keysOf(page) {
    const { prefixes } = this.#origin;
    return Array.from({ length: KEYS }, (_, at) => `${prefixes[at % prefixes.length]}/${(page * KEYS + at) % 3000}`);
  }

  #count(results) {
    for (const { status } of results) this.tally.statuses[status] = (this.tally.statuses[status] ?? 0) + 1;
    this.tally.keys += results.length;
    const { succeeded } = results;
    const first = Math.floor(Math.random() * succeeded.length);
    for (const { key, body } of succeeded.slice(first, first + LOOKED_AT)) {
      if (!body.equals(pattern(Buffer.from(key), 0, this.#origin.size))) this.tally.wrong += 1;
    }
    this.tally.wrong += succeeded.filter(({ body }) => body.length !== this.#origin.size).length;
  }
}
