// Starts SDK clients as processes and waits for what they report.
import { fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';

export const http = required('HERALD_HTTP');
export const ws = required('HERALD_WS');
const DEADLINE_MILLIS = 15_000;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

// The SDK's modules import each other without file endings, as bundlers allow and Node does not.
const bundle = join(mkdtempSync(join(tmpdir(), 'herald-sdk-')), 'client.cjs');
buildSync({
  entryPoints: [new URL('./sdk-client.js', import.meta.url).pathname],
  bundle: true,
  platform: 'node',
  outfile: bundle,
  logLevel: 'error',
});

export class Client {
  #process = fork(bundle);
  #events = [];
  #waiting = [];

  constructor() {
    this.#process.on('message', (event) => {
      this.#events.push(event);
      this.#waiting.forEach((check) => check());
    });
  }

  order(order, data = {}) {
    this.#process.send({ order, ...data });
  }

  /** All events of this name so far. */
  all(name) {
    return this.#events.filter(({ event }) => event === name);
  }

  /** The next event of this name that fits; it is consumed. */
  next(name, fits = () => true) {
    return new Promise((resolve, reject) => {
      const check = () => {
        const index = this.#events.findIndex((event) => event.event === name && fits(event));
        if (index < 0) return;
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve(this.#events.splice(index, 1)[0]);
      };
      const timer = setTimeout(() => {
        reject(new Error(`no ${name} came; seen: ${JSON.stringify(this.#events)}`));
      }, DEADLINE_MILLIS);
      this.#waiting.push(check);
      check();
    });
  }

  async connect(uid, token) {
    this.order('connect', { address: ws, uid, token });
    return this.next('status', ({ status }) => status !== 2);
  }

  async disconnect() {
    this.order('disconnect');
    await this.next('disconnected');
  }

  stop() {
    this.#process.kill();
  }
}

export async function post(path, body, expected = 200) {
  const headers = { 'content-type': 'application/json' };
  return read(path, await fetch(http + path, { method: 'POST', headers, body: JSON.stringify(body) }), expected);
}

export async function get(path) {
  return read(path, await fetch(http + path), 200);
}

async function read(path, answer, expected) {
  const text = await answer.text();
  if (answer.status !== expected) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** Asks again and again until the answer is yes. */
export async function until(asked) {
  for (const end = Date.now() + DEADLINE_MILLIS; !(await asked()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`in vain: ${asked}`);
  }
}

export const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64');

/** A token that nobody stored, good for a minute. */
export function jwt(sub, claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, iat: now, exp: now + 60, ...claims })}`;
  const secret = required('HERALD_JWT_SECRET');
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
