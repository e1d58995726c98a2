// A back end's webhook receiver that only prints; a real one checks the signature and remembers the webhook-id.
//   node receiver.js [PORT]
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? 8090);
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  console.log(`${request.url} ${request.headers['webhook-id']} ${Buffer.concat(chunks)}`);
  response.end();
}).listen(port, '127.0.0.1', () => console.log(`webhooks arrive at http://127.0.0.1:${port}`));
