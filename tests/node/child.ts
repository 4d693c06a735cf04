// Runs a script of a test as a program of its own, with `octofetch` and its origin at hand.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  /** Milliseconds since the last line of its output. */
  afterOutputMs: number;
}

/** `script` is CommonJS, run beside the tests, so that it finds the package as they do. */
export async function run(script: string, environment: NodeJS.ProcessEnv = {}, flags: string[] = []): Promise<Ended> {
  const child = spawn(process.execPath, [...flags, '-e', script], {
    cwd: __dirname,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let lastAt = performance.now();
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    stream.on('data', (part: Buffer) => {
      output += part.toString();
      lastAt = performance.now();
    });
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return { code, signal, output, afterOutputMs: performance.now() - lastAt };
}
