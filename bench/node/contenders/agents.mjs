// Node's own agents with the connections of a contender, for clients that stand on node:http.
import http from 'node:http';
import https from 'node:https';

export function agentsOf(task) {
  const options = { keepAlive: true, maxSockets: task.connections };
  return { http: new http.Agent(options), https: new https.Agent({ ...options, ca: task.authorities }) };
}
