package dev.herald.socket.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Counts what Netty has gathered of a WebSocket frame that is not whole yet; nothing else says how much it is. */
final class Undecoded extends ChannelInboundHandlerAdapter {
    private final WebSocketReader reader;

    Undecoded(WebSocketReader reader) {
        this.reader = reader;
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
        if (message instanceof ByteBuf bytes) {
            reader.gathered(bytes.readableBytes());
        }
        channel.fireChannelRead(message);
        reader.showGathered();
    }
}
