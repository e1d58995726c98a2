// A client that behaves as WuKongIM's EasySDK does, against a Herald that asks clients for their tokens.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { EasyClient } from './easy-client.js';
import { base64, jwt, post, ws } from './harness.js';

const AUTH_FAIL = 2;
const KICKED = 12;
const clients = [];
after(() => Promise.all(clients.map((client) => client.close())));

let users = 0;
async function user(prefix) {
  const uid = `easy-${prefix}${process.pid}n${++users}`;
  await post('/user/token', { uid, token: `${uid}-token`, device_flag: 1 });
  const client = new EasyClient();
  clients.push(client);
  const connect = (token = `${uid}-token`) => client.connect(ws, uid, token);
  return { uid, client, connect };
}

const command = (uid, cmd) =>
  post('/message/send', {
    header: { sync_once: 1 },
    subscribers: [uid],
    payload: base64({ type: 99, cmd, param: {} }),
  });

test('a good token is answered with a result, and a ping under its id', async () => {
  const alice = await user('alice');
  const result = await alice.connect();
  assert.ok(alice.client.connected);
  assert.equal(result.reasonCode, 1);

  const pong = await alice.client.request('ping');
  assert.ok(!('error' in pong));
});

test('a wrong token is answered with an error, never with a result, and closed', async () => {
  const alice = await user('alice');
  await assert.rejects(alice.connect('wrong'), { code: AUTH_FAIL });
  assert.ok(!alice.client.connected);
  await alice.client.until(({ closeCode }) => closeCode === 4401);
});

test('a message is answered under its id and received by its peer', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await bob.connect();

  const sent = await alice.client.send(bob.uid, 1, { type: 1, content: 'hello, bob ☺' });
  assert.deepEqual([sent.reasonCode, sent.messageSeq, typeof sent.messageId], [1, 1, 'string']);
  await bob.client.until(({ received }) => received.length === 1);
  const [heard] = bob.client.received;
  assert.deepEqual(
    [heard.content.content, heard.fromUid, heard.channelId, heard.messageId, heard.header],
    ['hello, bob ☺', alice.uid, alice.uid, sent.messageId, { redDot: true }],
  );
});

test('a message that comes in parts is told part by part', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await bob.connect();
  const message = { from_uid: alice.uid, channel_id: bob.uid, channel_type: 1, client_msg_no: `parts${bob.uid}` };
  await post('/message/send', { ...message, is_stream: 1, payload: base64({ type: 1, content: '' }) });
  await bob.client.until(({ received }) => received.length === 1);

  for (const delta of ['Hello', ', bob']) {
    await post('/message/event', {
      ...message,
      event_id: delta,
      event_type: 'stream.delta',
      payload: { kind: 'text', delta },
    });
  }
  await post('/message/event', { ...message, event_id: 'end', event_type: 'stream.close' });

  await bob.client.until(({ events }) => events.length === 3);
  const { events, received } = bob.client;
  assert.ok(received[0].setting.stream);
  assert.deepEqual(events.map(({ content }) => content.msg_event_seq), [1, 2, 3]);
  assert.equal(events.map(({ content }) => content.payload?.delta ?? '').join(''), 'Hello, bob');
  assert.deepEqual([events[2].type, events[2].content.stream_status], ['stream.close', 'closed']);
  assert.equal(String(events[0].content.message_id), received[0].messageId);
  assert.equal(events[0].content.channel_id, alice.uid);
});

test('a command is received live or on return, and not again once it is acknowledged', async () => {
  const alice = await user('alice');
  await alice.connect();
  await command(alice.uid, 'live');
  await alice.client.until(({ received }) => received.length === 1);
  await alice.client.close();

  await command(alice.uid, 'missed');
  await alice.connect();
  await alice.client.until(({ received }) => received.length === 2);
  await alice.client.close();

  await alice.connect();
  await command(alice.uid, 'last');
  await alice.client.until(({ received }) => received.some(({ content }) => content.cmd === 'last'));
  assert.deepEqual(
    alice.client.received.map(({ content, messageSeq, header }) => [content.cmd, messageSeq, header.syncOnce]),
    [
      ['live', 1, true],
      ['missed', 2, true],
      ['last', 3, true],
    ],
  );
});

test('whoever is on the watch list may be subscribed to, and nobody else', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await assert.rejects(alice.client.request('subscribe', { users: [bob.uid] }), /not on the watch list/);
  await post('/presence/watch', { uid: alice.uid, add: [bob.uid] });

  const { result } = await alice.client.request('subscribe', { users: [bob.uid] });
  assert.deepEqual([result.users.length, result.users[0].uid, result.users[0].online], [1, bob.uid, 0]);
  await bob.connect();
  await alice.client.until(({ received }) => received.length === 1);
  const [{ header, content }] = alice.client.received;
  assert.deepEqual([header, content.cmd, content.param.online], [{ noPersist: true, syncOnce: true }, 'onlineStatus', 1]);
  const asked = await alice.client.request('presence');
  assert.deepEqual([asked.result.users[0].status, asked.result.users[0].devices], ['online', [{ device_flag: 1, count: 1 }]]);
});

test('a device that is sent away is told why by a notification, and closed', async () => {
  const alice = await user('alice');
  await alice.connect();
  await post('/user/device_quit', { uid: alice.uid, device_flag: 1 });
  await alice.client.until(({ closeCode }) => closeCode !== undefined);
  assert.deepEqual(
    alice.client.disconnects.map(({ reasonCode, reason }) => [reasonCode, typeof reason]),
    [[KICKED, 'string']],
  );
});

test('a signed token is as good as a stored one, and why it is refused is told', async () => {
  const uid = `easy-jane${process.pid}`;
  const client = new EasyClient();
  clients.push(client);
  await assert.rejects(client.connect(ws, uid, jwt(uid, { exp: 1 })), { code: AUTH_FAIL, message: /token: expired/ });
  await client.until(({ closeCode }) => closeCode === 4401);
  await client.connect(ws, uid, jwt(uid));
  assert.ok(client.connected);
});

test('a client that lost its connection comes back under the same device and goes on', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await alice.client.close();
  await alice.connect();
  await bob.connect();
  await bob.client.send(alice.uid, 1, { type: 1, content: 'are you back?' });
  await alice.client.until(({ received }) => received.some(({ content }) => content.content === 'are you back?'));
});
