// The global fetch: a call a key, with an Agent of undici that limits its connections.
import { Agent, setGlobalDispatcher } from 'undici';

export function open(task) {
  setGlobalDispatcher(new Agent({ connections: task.connections, pipelining: 1, connect: { ca: task.authorities } }));
  const fetchOne = async (key) => {
    const response = await globalThis.fetch(`${task.url}/${key}`);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  return (keys) => Promise.all(keys.map(fetchOne));
}

export const version = `undici ${process.versions.undici}`;
