// A Fastify page that is sent as its pictures settle, and that stops fetching when the visitor leaves.
//
//     OCTOFETCH_THUMBS_URL=https://images.example/thumbs node fastify_page.mjs
import { Readable } from 'node:stream';

import Fastify from 'fastify';
import { Client } from 'octofetch';

const thumbs = new Client(process.env.OCTOFETCH_THUMBS_URL, { name: 'thumbs', budgetMs: 300 });
const app = Fastify();

app.get('/page/:names', (request, reply) => {
  const left = new AbortController();
  request.raw.once('close', () => left.abort());
  const batch = thumbs.submit(request.params.names.split(','), { signal: left.signal, onAbort: 'partial' });
  return reply.type('application/x-ndjson').send(Readable.from(lines(batch)));
});

async function* lines(batch) {
  for await (const result of batch) {
    yield `${JSON.stringify({ key: result.key, status: result.status, size: result.ok ? result.body.length : 0 })}\n`;
  }
  yield `${JSON.stringify({ explained: (await batch).explain() })}\n`;
}

app.addHook('onClose', () => thumbs.close());

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' }));
process.once('SIGTERM', () => app.close());
