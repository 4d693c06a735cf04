// What a process holds: for tests that look whether everything is given back.
import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

export const collectGarbage = runInNewContext('gc') as () => void;

export function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Of the library's threads alone; those of Node come and go by themselves. */
export function libraryThreads(): string[] {
  return readdirSync('/proc/self/task').flatMap((task) => {
    try {
      const name = readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim();
      return name.startsWith('octo-') ? [name] : [];
    } catch {
      return []; // it has just ended
    }
  });
}
