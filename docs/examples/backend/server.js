// A back end that knows who is online: from webhooks as it happens, and from a comparison every five minutes.
//   POST /herald              Herald's webhooks
//   GET  /status?users=u1,u2  for our clients, with an ETag
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { check, Herald } from './check.js';
import { Table } from './table.js';

const env = process.env;
const MAX_BODY = 2 << 20;
const MAX_USERS = 200;
const table = new Table(env.DATABASE_URL ?? 'postgres://localhost/backend');
const herald = new Herald(env.HERALD_URL ?? 'http://127.0.0.1:5001', env.HERALD_API_TOKEN);
const webhook = new Webhook(env.HERALD_WEBHOOK_SECRET);

async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw Object.assign(new Error('too large'), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

// An event of one more or less of the user's devices leaves the user online, whatever became of the device.
function statement({ uid, scope, online, version, since }) {
  return { uid, online: online || scope === 'device', version, since };
}

async function take(request, response) {
  const event = webhook.verify(await read(request), request.headers);
  const events = event.type === 'batch' ? event.data.events : [event];
  const presence = events.filter(({ type }) => type === 'user.onlinestatus').map(({ data }) => statement(data));
  await table.take(request.headers['webhook-id'], presence);
  response.writeHead(204).end();
}

async function status(request, response, query) {
  const uids = (query.get('users') ?? '').split(',').filter((uid) => uid);
  if (uids.length > MAX_USERS) throw Object.assign(new Error(`more than ${MAX_USERS} users`), { status: 400 });
  const body = JSON.stringify({ users: await table.status(uids) });
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
  } else {
    response.writeHead(200, { etag, 'content-type': 'application/json', 'cache-control': 'no-cache' }).end(body);
  }
}

const routes = { 'POST /herald': take, 'GET /status': status };

async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  try {
    const route = routes[`${request.method} ${pathname}`];
    if (!route) throw Object.assign(new Error('not found'), { status: 404 });
    await route(request, response, searchParams);
  } catch (error) {
    // Whatever we answer but 2xx, Herald sends it again.
    const code = error instanceof WebhookVerificationError ? 401 : error.status ?? 500;
    if (code === 500) console.error(error.message);
    if (!response.headersSent) response.writeHead(code).end(code === 500 ? 'failed' : error.message);
  }
}

async function checkForEver(pause) {
  try {
    const differed = await check(herald, table);
    if (differed > 0) console.log(`${differed} users differed`);
    await table.forgetWebhooks();
  } catch (error) {
    console.error(`not compared: ${error.message}`);
  }
  setTimeout(checkForEver, pause, pause);
}

await table.create();
const server = createServer(serve).listen(Number(env.PORT ?? 8090), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
checkForEver(Number(env.CHECK_SECONDS ?? 300) * 1000);
