// What a client stands on: the library's client, or that of octofetch/testing.
import { types } from 'node:util';

import { ClosedError, isRefusal, OptionError } from './errors';
import { addon, type NativeClient } from './native';
import { type Answer, answerTo, deliverBy, expect, forget, listener, type Taker } from './queue';
import type { Limit } from './deadline';
import type { PackedRequests } from './request';
import type { Explanation } from './results';
import { statusOf } from './status';

/** A batch under way, that tells its `Taker` what comes of it. */
export interface Submitted extends Explanation {
  cancel(): void;
}

export interface Engine {
  submit(
    keys: PackedRequests,
    limit: Limit,
    headers: readonly (string | boolean)[],
    taker: Taker,
    isStream: boolean,
    keepsAttempts: boolean,
  ): Submitted;
  set(name: string, value: string): void;
  get(name: string): string;
  setCredentials(
    accessKeyId: string,
    secretAccessKey: string,
    sessionToken: string | undefined,
    expiresAtS: number | undefined,
  ): void;
  warm(connections: number, waitUs: number): Promise<Answer>;
  /** Refuses new batches. */
  drain(): void;
  stats(): Record<string, number>;
  /** A document, as octo_client_explain writes it. */
  explain(): string;
  close(): void;
}

/** Opens one for an address, with names and values of options one after the other. */
export type Open = (url: string, options: readonly string[]) => Engine;

/** The library's client; what it refuses is thrown as an error of errors.ts. */
export class NativeEngine implements Engine {
  readonly #client: NativeClient;

  constructor(url: string, options: readonly string[]) {
    this.#client = refusing(() => new addon.Client(url, options));
  }

  submit(
    keys: PackedRequests,
    { budgetUs, deadlineUs }: Limit,
    headers: readonly (string | boolean)[],
    taker: Taker,
    isStream: boolean,
    keepsAttempts: boolean,
  ): Submitted {
    const endsUs = deadlineUs ?? addon.nowUs() + (budgetUs ?? 0);
    const tag = expect(taker);
    let submitted: Submitted;
    try {
      submitted = this.#client.submit(keys, budgetUs, deadlineUs, headers, listener, tag, isStream, keepsAttempts);
    } catch (error) {
      forget(tag);
      throw refused(error);
    }
    deliverBy(endsUs, tag);
    return submitted;
  }

  set(name: string, value: string): void {
    refusing(() => this.#client.set(name, value));
  }

  get(name: string): string {
    return refusing(() => this.#client.get(name));
  }

  setCredentials(id: string, secret: string, token: string | undefined, expiresAtS: number | undefined): void {
    refusing(() => this.#client.setCredentials(id, secret, token, expiresAtS));
  }

  warm(connections: number, waitUs: number): Promise<Answer> {
    return answerTo((token) => refusing(() => this.#client.warm(listener, token, connections, waitUs)));
  }

  drain(): void {
    this.#client.drain();
  }

  stats(): Record<string, number> {
    return refusing(() => this.#client.stats());
  }

  explain(): string {
    return refusing(() => this.#client.explain());
  }

  close(): void {
    this.#client.close();
  }
}

function refusing<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw refused(error);
  }
}

function refused(error: unknown): unknown {
  if (!isRefusal(error)) {
    // The addon's errors may be those of another realm than this module's, as under Jest.
    return types.isNativeError(error) && error.name === 'TypeError' ? new OptionError(error.message) : error;
  }
  const status = statusOf(error.status);
  return status === 'CLOSED' ? new ClosedError(error.message, status) : new OptionError(error.message, status);
}
