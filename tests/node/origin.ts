// The scripted origin as a child process, for tests: its ports, its script, what it saw, and its pattern bodies.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';

import type { Json } from './case_model';

const ADDRESSES = '127.0.0.1,127.0.0.2';

/** The origin refuses what it was told; the text is its own. */
export class OriginError extends Error {}

export interface SeenRequest {
  path: string;
  target: string;
  headers: [string, string][];
}

/** octo-origin, which ends with stop() or with this process. */
export class Origin {
  readonly #process: ChildProcess;

  private constructor(
    started: ChildProcess,
    readonly caFile: string,
    readonly ports: Record<string, number>,
  ) {
    this.#process = started;
  }

  /** Of the program that the variable OCTO_ORIGIN names, as ctest sets it. */
  static async started(): Promise<Origin> {
    const program = process.env.OCTO_ORIGIN;
    if (program === undefined) throw new Error('OCTO_ORIGIN names no program');
    const started = spawn(program, ['--address', ADDRESSES], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(started.stdout, 'data')) as [Buffer];
    const { ca_file: caFile, ...ports } = JSON.parse(line.toString()) as { ca_file: string } & Record<string, number>;
    return new Origin(started, caFile, ports);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin?.end();
    this.#process.stdout?.destroy();
    await ended;
  }

  url(listener = 'http'): string {
    const scheme = /^(https|tls)/.test(listener) ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${this.ports[listener]}`;
  }

  /** Replaces {origin}, {ca_file}, {http}, {http.port} and so on; `scheme` says what {origin} means. */
  fill(text: string, scheme = 'http'): string {
    return text.replace(/\{([^{}]+)\}/g, (found, inner: string) => {
      const name = inner === 'origin' ? scheme : inner;
      if (name === 'ca_file') return this.caFile;
      const listener = name.replace(/\.port$/, '');
      if (!(listener in this.ports)) return found;
      return name === listener ? this.url(listener) : String(this.ports[listener]);
    });
  }

  async script(script: Json, drop = true): Promise<void> {
    await this.control('PUT', drop ? '/script?drop=1' : '/script', JSON.stringify(script));
  }

  control(method: string, path: string, body = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.ports.control, method, path, agent: false };
      const request = http.request(options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new OriginError(text));
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

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
}

const MASK = 2n ** 64n - 1n;

/** The bytes [offset, offset + size) of a pattern object, as tests/origin/pattern.h has them. */
export function pattern(name: Buffer, offset: number, size: number): Buffer {
  let seed = 0xcbf29ce484222325n;
  for (const byte of name) seed = ((seed ^ BigInt(byte)) * 0x100000001b3n) & MASK;
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
