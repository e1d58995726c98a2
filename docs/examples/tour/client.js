// A device of one user, over JSON-RPC: prints what it receives and acknowledges it.
//   node client.js UID [TOKEN]
import { WebSocket } from 'ws';

const [uid, token = ''] = process.argv.slice(2);
const socket = new WebSocket(process.env.TOUR_WS ?? 'ws://127.0.0.1:5200');
const send = (message) => socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));

socket.on('open', () => {
  const params = { uid, token, deviceFlag: 1, deviceId: 'tour', clientTimestamp: Date.now() };
  send({ id: 'connect', method: 'connect', params });
  setInterval(() => send({ id: 'ping', method: 'ping' }), 25_000);
});
socket.on('message', (text) => {
  const { id, method, params, result, error } = JSON.parse(text);
  if (id === 'connect') console.log(error ? `refused: ${error.message}` : `${uid} is connected`);
  if (method === 'disconnect') console.log(`sent away: ${params.reason || `reason ${params.reasonCode}`}`);
  if (method !== 'recv') return;
  const { header, messageId, messageSeq, fromUid, channelId } = params;
  const content = JSON.parse(Buffer.from(params.payload, 'base64'));
  if (header?.syncOnce) console.log(`command #${messageSeq}: ${content.cmd} ${JSON.stringify(content.param)}`);
  else console.log(`message #${messageSeq} from ${fromUid} in ${channelId}: ${content.content}`);
  send({ method: 'recvack', params: { header, messageId, messageSeq } });
});
socket.on('error', (error) => console.log(error.message));
socket.on('close', () => process.exit());
