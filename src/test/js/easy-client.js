// A client over JSON-RPC that behaves as WuKongIM's EasySDK does (wukong-interfaces section 2.3), and notes what it sees.
import { WebSocket } from 'ws';

const DEADLINE_MILLIS = 10_000;

export class EasyClient {
  /** Whether the last answer to connect was a result. */
  connected = false;
  /** Payloads as they came, and commands by name. */
  received = [];
  /** What happened to messages. */
  events = [];
  /** Notifications that end the connection for good. */
  disconnects = [];
  closeCode;
  #socket;
  #requests = new Map();
  #ids = 0;
  #waiting = [];

  /** Any result counts as connected, whatever is in it; an error rejects. */
  async connect(url, uid, token) {
    this.closeCode = undefined;
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.on('message', (text) => this.#take(JSON.parse(text)));
    socket.on('close', (code) => {
      this.connected = false;
      this.closeCode = code;
      this.#requests.forEach(({ reject }) => reject(new Error('the connection was closed')));
      this.#requests.clear();
      this.#changed();
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const { result } = await this.request('connect', {
      uid,
      token,
      deviceId: `web_${uid}`,
      deviceFlag: 1,
      clientTimestamp: Date.now(),
    });
    this.connected = result !== undefined;
    return result;
  }

  /** The whole answer that carries the request's id, unless it is an error. */
  request(method, params) {
    const id = `r${++this.#ids}`;
    const answer = new Promise((resolve, reject) => this.#requests.set(id, { resolve, reject }));
    this.#write({ method, id, ...(params && { params }) });
    return answer;
  }

  async send(channelId, channelType, content) {
    const payload = Buffer.from(JSON.stringify(content)).toString('base64');
    const clientMsgNo = `m${process.pid}-${this.#ids}`;
    const params = { clientMsgNo, channelId, channelType, payload, header: { redDot: true } };
    return (await this.request('send', params)).result;
  }

  /** Resolves once the condition holds for this client. */
  until(condition) {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!condition(this)) return;
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve(this);
      };
      const timer = setTimeout(
        () => reject(new Error(`in vain: ${condition}; received: ${JSON.stringify(this.received)}`)),
        DEADLINE_MILLIS,
      );
      this.#waiting.push(check);
      check();
    });
  }

  async close() {
    this.#socket.close();
    await this.until(({ closeCode }) => closeCode !== undefined);
  }

  /** Whatever has an id is an answer, so a notification must have none. */
  #take(message) {
    if ('id' in message) {
      const request = this.#requests.get(message.id);
      this.#requests.delete(message.id);
      if (message.error) request?.reject(Object.assign(new Error(message.error.message), message.error));
      else request?.resolve(message);
    } else if (message.method === 'recv') {
      const { header, messageId, messageSeq, payload } = message.params;
      const content = JSON.parse(Buffer.from(payload, 'base64').toString());
      this.received.push({ ...message.params, content });
      this.#write({ method: 'recvack', params: { header, messageId, messageSeq } });
    } else if (message.method === 'event') {
      this.events.push({ ...message.params, content: JSON.parse(message.params.data) });
    } else if (message.method === 'disconnect') {
      this.disconnects.push(message.params);
      this.#socket.close();
    }
    this.#changed();
  }

  #write(message) {
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  #changed() {
    [...this.#waiting].forEach((check) => check());
  }
}
