// Where an s3 client's credentials come from when they are not options: a function that is asked before the first batch,
// and again before what it gave expires. Batches that run meanwhile are signed with what there is.
import type { Engine } from './engine';
import { OptionError } from './errors';

/** What attempts are signed with; as the AWS SDK has them. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  expiration?: Date | undefined;
}

export type CredentialsProvider = () => Promise<Credentials>;

// Before the end of a set, so that what is signed with it still arrives in time.
const ASK_BEFORE_MS = 5 * 60_000;
// After a refusal or for a set that is about to end; a provider of its own may ask over the network.
const ASK_AGAIN_MS = 5000;

export class CredentialsSource {
  readonly #engine: Engine;
  readonly #provider: CredentialsProvider;
  readonly #name: string;
  #asking: Promise<void> | undefined;
  #askAtMs = 0;
  // When what there is ends; before the first answer there is nothing.
  #endsAtMs = -Infinity;

  constructor(engine: Engine, provider: CredentialsProvider, name: string) {
    if (typeof provider !== 'function') throw new OptionError('credentials is a set of them, or a function that resolves to one');
    this.#engine = engine;
    this.#provider = provider;
    this.#name = name;
  }

  /** What a batch must wait for: an answer, be it a refusal, where there is no set or it has expired. */
  needed(): Promise<void> | undefined {
    if (this.#asking === undefined && Date.now() >= this.#askAtMs) this.#asking = this.#ask();
    return Date.now() < this.#endsAtMs ? undefined : this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      const credentials = await this.#provider();
      setCredentials(this.#engine, credentials);
      this.#endsAtMs = credentials.expiration?.getTime() ?? Infinity;
      this.#askAtMs = Math.max(this.#endsAtMs - ASK_BEFORE_MS, Date.now() + ASK_AGAIN_MS);
    } catch (error) {
      this.#askAtMs = Date.now() + ASK_AGAIN_MS;
      // The provider's own words; what it was about to give is not among them.
      process.emitWarning(`${this.#name}: no credentials: ${error instanceof Error ? error.message : String(error)}`, {
        type: 'OctofetchWarning',
        code: 'OCTO_NO_CREDENTIALS',
      });
    } finally {
      this.#asking = undefined;
    }
  }
}

export function setCredentials(engine: Engine, credentials: Credentials): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  for (const [name, value] of Object.entries({ accessKeyId, secretAccessKey })) {
    if (typeof value !== 'string') throw new OptionError(`credentials have no ${name}`);
  }
  const expiresAtS = expiration === undefined ? undefined : Math.floor(expiration.getTime() / 1000);
  engine.setCredentials(accessKeyId, secretAccessKey, sessionToken, expiresAtS);
}
