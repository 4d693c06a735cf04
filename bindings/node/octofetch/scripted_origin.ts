// The scripted origin for tests: an HTTP and HTTPS server on the loopback that answers, and misbehaves, as it is told.
//
//     const origin = await Origin.start();
//     await origin.script({ paths: { '/slow.jpg': { delay_ms: 30_000 } } });
//     const client = new Client(origin.url('https'), { tlsCaFile: origin.caFile });
//
// Public as part of octofetch/testing. The server is a program of its own, octo-origin, which the package octofetch-testing
// brings; what a script may say stands in tests/origin/README.md.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { platform } from './native';

/** The origin refuses what it was told, with a text of its own, or there is none. */
export class OriginError extends Error {
  override readonly name = 'OriginError';
}

export interface OriginOptions {
  /** Of the loopback, to listen on; 127.0.0.1, where it is told what to do, is one of them. */
  addresses?: readonly string[] | undefined;
  /** The program octo-origin; else the variable OCTO_ORIGIN names it, or it is that of the package octofetch-testing. */
  program?: string | undefined;
}

/** What the origin was asked for. */
export interface SeenRequest {
  path: string;
  target: string;
  headers: [string, string][];
}

const CONTROL_MS = 30_000;

type Running = ChildProcessByStdio<Writable, Readable, null>;

/** A running octo-origin; it ends with `stop()`, or with this process, which it does not keep alive. */
export class Origin {
  readonly #process: Running;

  private constructor(
    started: Running,
    /** That signed the certificate of https. */
    readonly caFile: string,
    /** Of each listener, a way to be reached: http, https, and others. */
    readonly ports: Readonly<Record<string, number>>,
  ) {
    this.#process = started;
  }

  static async start({ addresses = ['127.0.0.1'], program = installedProgram() }: OriginOptions = {}): Promise<Origin> {
    const started = spawn(program, ['--address', addresses.join(',')], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: started.stdout });
    const [line] = (await Promise.race([once(lines, 'line'), failure(started)])) as [string];
    lines.close();
    started.stdout.destroy();
    started.unref();
    (started.stdin as Writable & { unref(): void }).unref();
    const { ca_file: caFile, ...ports } = JSON.parse(line) as { ca_file: string } & Record<string, number>;
    return new Origin(started, caFile, ports);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.ref();
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** For a Client. A listener is a way to be reached: http, https, and the others that `ports` names. */
  url(listener = 'http'): string {
    if (!Object.hasOwn(this.ports, listener)) throw new OriginError(`there is no listener ${listener}; there are ${Object.keys(this.ports).join(', ')}`);
    const scheme = /^(https|tls)/.test(listener) ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${this.ports[listener]}`;
  }

  /** What is answered from now on; `drop` ends the connections that are open, so that nothing old lingers. */
  async script(script: unknown, drop = true): Promise<void> {
    await this.control('PUT', drop ? '/script?drop=1' : '/script', JSON.stringify(script));
  }

  /** What happened so far: requests, connections, faults that were injected, all by name. */
  async counters(): Promise<Record<string, number>> {
    const lines = (await this.control('GET', '/report.txt')).trim().split('\n');
    return Object.fromEntries(
      lines.map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
    );
  }

  async lastRequests(): Promise<SeenRequest[]> {
    const report = JSON.parse(await this.control('GET', '/report')) as { last_requests: SeenRequest[] };
    return report.last_requests;
  }

  control(method: string, path: string, body = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.ports.control, method, path, agent: false, timeout: CONTROL_MS };
      const request = http.request(options, (response) => {
        response.on('error', reject);
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new OriginError(text));
        });
      });
      request.on('error', reject);
      request.on('timeout', () => request.destroy(new OriginError(`no answer to ${method} ${path} for ${CONTROL_MS / 1000} s`)));
      request.end(body);
    });
  }
}

/** Rejects where the program cannot be started, or ends. */
async function failure(started: Running): Promise<never> {
  const [code, signal] = (await once(started, 'exit')) as [number | null, NodeJS.Signals | null];
  throw new Error(`octo-origin ended with ${code ?? signal} before it was ready`);
}

function installedProgram(): string {
  const named = process.env.OCTO_ORIGIN;
  if (named !== undefined) return named;
  const { originOf } = testing();
  const here = platform();
  try {
    return originOf(here);
  } catch (cause) {
    const how = 'install octofetch-testing without --omit=optional, or name a program in OCTO_ORIGIN';
    throw new OriginError(`the package @octofetch/testing-${here} is not installed: ${how}`, { cause });
  }
}

function testing(): { originOf: (platform: string) => string } {
  try {
    // An optional package, which a bundler would miss.
    return module.require('octofetch-testing') as { originOf: (platform: string) => string };
  } catch (cause) {
    throw new OriginError('the scripted origin is a package of its own: npm install --save-dev octofetch-testing', { cause });
  }
}

const MASK = 2n ** 64n - 1n;

/**
 * The bytes [offset, offset + size) of what the origin answers for a path that its script gives no body. `name` is the
 * path without its first slash; the size is 1024 unless the script says another.
 */
export function pattern(name: string | Uint8Array, offset: number, size: number): Buffer {
  let seed = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name)) seed = ((seed ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  const first = Math.floor(offset / 8);
  const last = Math.ceil((offset + size) / 8);
  const blocks = Buffer.alloc((last - first) * 8);
  for (let at = first; at < last; at++) blocks.writeBigUInt64LE(block((seed + BigInt(at)) & MASK), (at - first) * 8);
  return blocks.subarray(offset - 8 * first).subarray(0, size);
}

function block(x: bigint): bigint {
  let z = (x + 0x9e3779b97f4a7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}
