// The unmodified wukongimjssdk 1.0.4 against a Herald that asks clients for their tokens.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { base64, Client, get, jwt, post, until } from './harness.js';

const CONNECTED = 1;
const CONNECT_FAIL = 3;
const KICKED = 4;
const AUTH_FAIL = 2;
/** Commands that may wait for a device after a thousand changes of one channel. */
const EXPECTED_AT_MOST = 1;
const clients = [];
after(() => clients.forEach((client) => client.stop()));

let users = 0;
async function user(prefix) {
  const uid = `${prefix}${process.pid}n${++users}`;
  await post('/user/token', { uid, token: `${uid}-token`, device_flag: 1 });
  const client = new Client();
  clients.push(client);
  await client.next('ready');
  const connect = (token = `${uid}-token`) => client.connect(uid, token);
  return { uid, client, connect };
}

async function group(name, ...members) {
  const channel_id = `${name}${process.pid}`;
  await post('/channel', { channel_id, channel_type: 2, subscribers: members.map(({ uid }) => uid) });
  return channel_id;
}

/** The contents of the commands that wait for a user's browser. */
async function waiting(uid) {
  const entries = await post('/message/sync', { uid, device_flag: 1, limit: 2000 });
  return entries.map(({ payload }) => JSON.parse(Buffer.from(payload, 'base64')));
}

test('a good token is let in, a wrong one is refused for good', async () => {
  const alice = await user('alice');
  const refused = await alice.connect('wrong');
  assert.deepEqual([refused.status, refused.reason], [CONNECT_FAIL, AUTH_FAIL]);

  const bob = await user('bob');
  assert.equal((await bob.connect()).status, CONNECTED);
});

test('two users chat both ways', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await bob.connect();

  alice.client.order('send', { channelId: bob.uid, channelType: 1, text: 'hello, bob' });
  const ack = await alice.client.next('sendack');
  assert.deepEqual([ack.reason, ack.messageSeq], [1, 1]);
  const heard = await bob.client.next('message');
  assert.deepEqual([heard.text, heard.from, heard.channel, heard.messageSeq], ['hello, bob', alice.uid, alice.uid, 1]);

  bob.client.order('send', { channelId: alice.uid, channelType: 1, text: 'hello, alice ☺' });
  const answer = await alice.client.next('message');
  assert.deepEqual([answer.text, answer.channel, answer.messageSeq], ['hello, alice ☺', bob.uid, 2]);
});

test('a group message reaches the members, and a stranger may not send one', async () => {
  const [alice, bob, mallory] = [await user('alice'), await user('bob'), await user('mallory')];
  const channelId = await group('chat', alice, bob);
  for (const { connect } of [alice, bob, mallory]) await connect();

  alice.client.order('send', { channelId, channelType: 2, text: 'to all' });
  const heard = await bob.client.next('message');
  assert.deepEqual([heard.text, heard.channel, heard.from], ['to all', channelId, alice.uid]);

  mallory.client.order('send', { channelId, channelType: 2, text: 'me too' });
  assert.equal((await mallory.client.next('sendack')).reason, 3);
});

test('a mute reaches an online client as a command, at once', async () => {
  const alice = await user('alice');
  const channelId = await group('mute', alice);
  await alice.connect();
  await alice.client.next('cmd', ({ cmd }) => cmd === 'memberUpdate');

  await post('/channel/info', { channel_id: channelId, channel_type: 2, ban: 1 });

  const muted = await alice.client.next('cmd');
  assert.equal(muted.cmd, 'channelUpdate');
  assert.equal(muted.param.channel_id, channelId);
  assert.equal(muted.param.channel_type, 2);
  assert.ok(muted.param.revision > 1);
});

test('a client is told by a command when a user whom it watches comes and goes', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await post('/presence/watch', { uid: alice.uid, add: [bob.uid] });

  await bob.connect();
  const online = await alice.client.next('cmd');
  assert.deepEqual([online.cmd, online.param.uid, online.param.online], ['onlineStatus', bob.uid, 1]);
  await bob.client.disconnect();
  const offline = await alice.client.next('cmd');
  assert.deepEqual([offline.param.uid, offline.param.online, offline.param.all_offline], [bob.uid, 0, 1]);
  assert.ok(offline.param.version > online.param.version);
});

test('a rename while offline is replayed once on return, and never after its ack', async () => {
  const alice = await user('alice');
  const channelId = await group('rename', alice);
  await alice.connect();
  await alice.client.next('cmd', ({ cmd }) => cmd === 'memberUpdate');
  await alice.client.disconnect();

  await post('/channel/info', { channel_id: channelId, channel_type: 2, attributes: { name: 'new name' } });
  await alice.connect();
  const renamed = await alice.client.next('cmd');
  assert.deepEqual([renamed.cmd, renamed.param.channel_id], ['channelUpdate', channelId]);

  await alice.client.disconnect();
  await alice.connect();
  await post('/channel/info', { channel_id: channelId, channel_type: 2, attributes: { name: 'newer name' } });
  const next = await alice.client.next('cmd');
  assert.equal(next.messageSeq, renamed.messageSeq + 1, 'the acknowledged command came again before the new one');
  assert.equal(alice.client.all('cmd').length, 0);
});

test('of a thousand renames while offline the newest comes, and nothing after it', async () => {
  const alice = await user('alice');
  const channelId = await group('renames', alice);
  await alice.connect();
  await alice.client.next('cmd', ({ cmd }) => cmd === 'memberUpdate');
  await alice.client.disconnect();

  const channel = { channel_id: channelId, channel_type: 2 };
  for (let i = 1; i <= 1000; i++) await post('/channel/info', { ...channel, attributes: { name: `name ${i}` } });
  const { revision } = await get(`/channel/info?channel_id=${channelId}&channel_type=2`);
  await until(async () => (await waiting(alice.uid)).some(({ param }) => param.revision === revision));

  await alice.connect();
  await post('/message/send', {
    header: { sync_once: 1 },
    subscribers: [alice.uid],
    payload: base64({ type: 99, cmd: 'afterAll', param: {} }),
  });
  await alice.client.next('cmd', ({ cmd }) => cmd === 'afterAll');
  const renames = alice.client.all('cmd');
  assert.deepEqual([renames.at(-1).cmd, renames.at(-1).param.revision], ['channelUpdate', revision]);
  assert.ok(renames.length <= EXPECTED_AT_MOST, `${renames.length} commands came`);
});

test('a thousand ordinary messages displace no command', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  const channelId = await group('busy', alice, bob);
  await alice.connect();
  await alice.client.next('cmd', ({ cmd }) => cmd === 'memberUpdate');
  await alice.client.disconnect();
  await post('/channel/info', { channel_id: channelId, channel_type: 2, attributes: { name: 'quiet' } });

  await bob.connect();
  for (let i = 0; i < 1000; i++) bob.client.order('send', { channelId, channelType: 2, text: `message ${i}` });
  await bob.client.next('sendack', ({ messageSeq }) => messageSeq === 1000);

  await alice.connect();
  const renamed = await alice.client.next('cmd');
  assert.deepEqual([renamed.cmd, renamed.param.channel_id], ['channelUpdate', channelId]);
});

test('a command of the back end reaches a user by name, and a quit device is told why', async () => {
  const alice = await user('alice');
  await alice.connect();
  const payload = base64({ type: 99, cmd: 'friendAccept', param: { uid: 'x' } });
  await post('/message/send', { header: { sync_once: 1 }, subscribers: [alice.uid], payload });
  assert.equal((await alice.client.next('cmd')).cmd, 'friendAccept');

  await post('/user/device_quit', { uid: alice.uid, device_flag: -1 });
  const kicked = await alice.client.next('status', ({ status }) => status === KICKED);
  assert.equal(kicked.reason, 12);
});

test('what was not acknowledged when a connection ended is sent again on the next, and is there once', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await bob.connect();
  const texts = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `message ${n}`);
  const send = (text) => alice.client.order('send', { channelId: bob.uid, channelType: 1, text });

  texts.slice(0, 4).forEach(send);
  await alice.client.disconnect();
  texts.slice(4).forEach(send);
  await alice.connect();

  const heard = [];
  for (const text of texts) heard.push(await bob.client.next('message', (message) => message.text === text));
  assert.deepEqual(heard.map(({ messageSeq }) => messageSeq).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  await alice.client.next('sendack', ({ messageSeq }) => messageSeq === 8);
  const { messages } = await post('/channel/messagesync', {
    login_uid: bob.uid,
    channel_id: alice.uid,
    channel_type: 1,
    limit: 100,
  });
  assert.deepEqual(messages.map(({ message_seq }) => message_seq), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(bob.client.all('message').length, 0, 'a message came twice');
});

test('a message that comes in parts leaves a client alone that knows no parts', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await alice.connect();
  await bob.connect();
  const message = { from_uid: alice.uid, channel_id: bob.uid, channel_type: 1, client_msg_no: `parts${bob.uid}` };
  await post('/message/send', { ...message, is_stream: 1, payload: base64({ type: 1, content: 'to come' }) });
  assert.equal((await bob.client.next('message')).text, 'to come');
  const before = bob.client.all('status').length;

  await post('/message/event', { ...message, event_id: '1', event_type: 'stream.delta', payload: { kind: 'text' } });
  alice.client.order('send', { channelId: bob.uid, channelType: 1, text: 'still here?' });

  assert.equal((await bob.client.next('message')).text, 'still here?');
  assert.equal(bob.client.all('status').length, before, 'it was thrown out');
});

test('a refused message is told with its reason, and what is sent after it is not held up', async () => {
  const [alice, bob] = [await user('alice'), await user('bob')];
  await post('/channel/blacklist_add', { channel_id: bob.uid, channel_type: 1, uids: [alice.uid] });
  const channelId = await group('free', alice, bob);
  await alice.connect();
  await bob.connect();

  alice.client.order('send', { channelId: bob.uid, channelType: 1, text: 'unwanted' });
  alice.client.order('send', { channelId, channelType: 2, text: 'to the group' });

  assert.equal((await alice.client.next('sendack')).reason, 4);
  assert.equal((await alice.client.next('sendack')).reason, 1);
  assert.equal((await bob.client.next('message')).text, 'to the group');
});

test('a second login of a master device sends the first one away, which does not come back', async () => {
  const alice = await user('alice');
  await post('/user/token', { uid: alice.uid, token: 'master', device_flag: 1, device_level: 1 });
  await alice.connect('master');
  const elsewhere = new Client();
  clients.push(elsewhere);
  await elsewhere.next('ready');
  assert.equal((await elsewhere.connect(alice.uid, 'master')).status, CONNECTED);

  assert.equal((await alice.client.next('status', ({ status }) => status === KICKED)).reason, 12);
  const bob = await user('bob');
  await bob.connect();
  bob.client.order('send', { channelId: alice.uid, channelType: 1, text: 'which one?' });
  assert.equal((await elsewhere.next('message')).text, 'which one?');
  assert.equal(alice.client.all('message').length, 0);
});

test('a signed token lets in whom it names until it expires or the device is told to quit', async () => {
  const uid = `jane${process.pid}`;
  const connect = async (token) => {
    const client = new Client();
    clients.push(client);
    await client.next('ready');
    return { client, ...(await client.connect(uid, token)) };
  };
  const minuteAgo = Math.floor(Date.now() / 1000) - 60;
  for (const bad of [jwt('somebody'), jwt(uid, { exp: minuteAgo }), jwt(uid, { device_flag: 0 }), `${jwt(uid)}x`]) {
    const refused = await connect(bad);
    assert.deepEqual([refused.status, refused.reason], [CONNECT_FAIL, AUTH_FAIL]);
  }
  const old = jwt(uid, { iat: minuteAgo });
  const jane = await connect(old);
  assert.equal(jane.status, CONNECTED);

  await post('/user/device_quit', { uid, device_flag: 1 });
  await jane.client.next('status', ({ status }) => status === KICKED);
  assert.equal((await connect(old)).status, CONNECT_FAIL);
  assert.equal((await connect(jwt(uid))).status, CONNECTED);
});
