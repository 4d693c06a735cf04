// Warns of batches that bring nothing, once per cause and 10 s, as a page without any of its objects is no normal page; one
// that was cancelled was not wanted any more.
import { addon } from './native';
import type { Results } from './results';
import type { Status } from './status';

const EVERY_US = 10_000_000;

export class NothingFetched {
  readonly #name: string;
  readonly #notedAtUs = new Map<Status, number>();

  constructor(name: string) {
    this.#name = name;
  }

  note(results: Results): void {
    if (results.info.okCount > 0 || results.length === 0 || results.state === 'CANCELLED') return;
    const cause = mostCommon(results);
    const nowUs = addon.nowUs();
    const notedAtUs = this.#notedAtUs.get(cause);
    if (notedAtUs !== undefined && nowUs - notedAtUs < EVERY_US) return;
    this.#notedAtUs.set(cause, nowUs);
    process.emitWarning(`${this.#name}: ${cause}: ${results.explain()}`, {
      type: 'OctofetchWarning',
      code: 'OCTO_NOTHING_FETCHED',
    });
  }
}

function mostCommon(results: Results): Status {
  const counts = new Map<Status, number>();
  for (const { status } of results) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
