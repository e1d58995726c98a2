// One user of the unmodified SDK. The SDK is a singleton, so every user is a process of its own: it takes orders from its
// parent and reports what the SDK tells it.
import { Channel, CMDContent, MessageText, WKSDK } from 'wukongimjssdk/lib/sdk';
import { WebSocket } from 'ws';

globalThis.WebSocket = WebSocket;
console.log = () => {};

const sdk = WKSDK.shared();
const report = (event, data) => process.send({ event, ...data });

sdk.connectManager.addConnectStatusListener((status, reason) => report('status', { status, reason }));
sdk.chatManager.addMessageStatusListener((ack) =>
  report('sendack', {
    clientSeq: ack.clientSeq,
    messageId: ack.messageID.toString(),
    messageSeq: ack.messageSeq,
    reason: ack.reasonCode,
  }),
);
sdk.chatManager.addMessageListener((message) => {
  if (message.send) return; // the SDK shows one's own message too, before it is sent
  report('message', {
    from: message.fromUID,
    channel: message.channel.channelID,
    messageSeq: message.messageSeq,
    text: message.content.text,
  });
});
sdk.chatManager.addCMDListener((message) =>
  report('cmd', {
    cmd: message.content.cmd,
    param: message.content.param,
    messageId: message.messageID.toString(),
    messageSeq: message.messageSeq,
  }),
);

const orders = {
  connect({ address, uid, token }) {
    sdk.config.addr = address;
    sdk.config.uid = uid;
    sdk.config.token = token;
    sdk.connect();
  },
  disconnect() {
    sdk.disconnect();
    report('disconnected', {});
  },
  send({ channelId, channelType, text }) {
    sdk.chatManager.send(new MessageText(text), new Channel(channelId, channelType));
  },
};
process.on('message', ({ order, ...data }) => orders[order](data));
report('ready', { cmdType: new CMDContent().contentType });
