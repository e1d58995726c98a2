package dev.herald.socket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;

/**
 * Bounds what is taken of a client until it has proved who it is: Netty gathers a WebSocket frame before anybody sees it, and
 * all that anybody can send without proof must be little.
 */
final class Unproven extends ChannelInboundHandlerAdapter {
    private final int bound;
    private int taken;

    /** @param bound in bytes, with those of the WebSocket itself */
    Unproven(int bound) {
        this.bound = bound;
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
        if (message instanceof ByteBuf bytes) {
            taken += bytes.readableBytes();
            if (taken > bound) {
                bytes.release();
                channel.fireExceptionCaught(new TooLongFrameException(taken + " bytes and no CONNECT"));
                return;
            }
        }
        channel.fireChannelRead(message);
    }
}
