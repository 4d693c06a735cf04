// An Express page whose objects come from two places by one deadline, and a probe that warms connections.
//
//     OCTOFETCH_THUMBS_URL=https://images.example/thumbs node express_page.mjs
import express from 'express';
import { Client, withDeadline } from 'octofetch';

const thumbs = new Client(process.env.OCTOFETCH_THUMBS_URL, { name: 'thumbs' });
const app = express();

// Whatever a handler awaits of octofetch ends 300 ms after its request came.
app.use((request, response, next) => withDeadline(300, next));

app.get('/page/:names', async (request, response) => {
  const [pictures, texts] = await Promise.all([
    thumbs.fetch(request.params.names.split(',')),
    thumbs.fetch([{ key: 'page.json', priority: 'required' }]),
  ]);
  const [text] = texts;
  response.set('Server-Timing', pictures.serverTiming('thumbs')).json({
    sizes: Object.fromEntries(pictures.succeeded.map(({ key, body }) => [key, body.length])),
    late: pictures.late.map(({ key }) => key),
    title: text.ok ? text.json().title : null,
  });
});

app.get('/picture/:name', async (request, response) => {
  const [result] = await thumbs.fetch([request.params.name]);
  if (result.ok) response.type('application/octet-stream').send(result.body);
  else response.status(504).send(result.message);
});

app.get('/ready', async (request, response) => {
  try {
    await thumbs.warm({ connections: 4, budgetMs: 2000 });
    response.send('ready');
  } catch (error) {
    response.status(503).send(error.message);
  }
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => thumbs.close()));
