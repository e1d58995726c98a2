package dev.herald.bench.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The client's side of one WebSocket (RFC 6455): the upgrade, and whole frames as byte arrays. */
final class WsCodec extends ByteToMessageDecoder {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;
    private static final byte[] NOTHING = {};

    /** Any mask does for a server; a constant one keeps runs alike. */
    private static final int MASK = 0x5ca1ab1e;

    private static final byte[] UPGRADE = """
            GET / HTTP/1.1\r
            Host: bench\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r
            """.getBytes(StandardCharsets.US_ASCII);

    private final Client client;
    private boolean upgraded;

    WsCodec(Client client) {
        this.client = client;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(context.alloc().buffer(UPGRADE.length).writeBytes(UPGRADE), context.voidPromise());
    }

    /** The masked frame of a client. */
    static ByteBuf frame(ChannelHandlerContext context, byte[] message, boolean text) {
        return frame(context, message, text ? TEXT : BINARY);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (!upgraded && !upgrade(in)) {
            return;
        }
        while (in.readableBytes() >= 2) {
            int start = in.readerIndex();
            int length = in.getUnsignedByte(start + 1);
            int header = length < SHORT_LENGTH ? 2 : length == SHORT_LENGTH ? 4 : 10;
            if (in.readableBytes() < header) {
                return;
            }
            if (length == SHORT_LENGTH) {
                length = in.getUnsignedShort(start + 2);
            } else if (length == LONG_LENGTH) {
                length = Math.toIntExact(in.getLong(start + 2));
            }
            if (in.readableBytes() < header + length) {
                return;
            }
            int first = in.getUnsignedByte(start);
            byte[] message = new byte[length];
            in.skipBytes(header).readBytes(message);
            take(context, first, message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        super.channelReadComplete(context);
        client.flush();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        client.gone("the server closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        client.gone(cause.toString());
        context.close();
    }

    private boolean upgrade(ByteBuf in) {
        String head = in.toString(StandardCharsets.US_ASCII);
        int end = head.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        if (!head.startsWith("HTTP/1.1 101")) {
            throw new IllegalStateException("no upgrade: " + refusal(head));
        }
        in.skipBytes(end + 4);
        upgraded = true;
        client.upgraded();
        return true;
    }

    /** The status, and when to come again if it says so. */
    private static String refusal(String head) {
        return head.lines()
                .filter(line -> line.startsWith("HTTP/") || line.toLowerCase(Locale.ROOT).startsWith("retry-after:"))
                .collect(Collectors.joining(", "));
    }

    private void take(ChannelHandlerContext context, int first, byte[] message) {
        int opcode = first & 0x0f;
        switch (opcode) {
            case TEXT, BINARY -> {
                if ((first & FINAL) == 0) {
                    throw new IllegalStateException("a frame must come in one WebSocket frame");
                }
                client.received(message);
            }
            case PING -> context.write(frame(context, message, PONG), context.voidPromise());
            case CLOSE -> {
                if (message.length >= 2) {
                    int code = Byte.toUnsignedInt(message[0]) << 8 | Byte.toUnsignedInt(message[1]);
                    String text = new String(message, 2, message.length - 2, StandardCharsets.UTF_8);
                    client.gone("closed with " + code + (text.isEmpty() ? "" : ", " + text));
                }
                context.writeAndFlush(frame(context, NOTHING, CLOSE), context.voidPromise());
                context.close();
            }
            default -> {}
        }
    }

    private static ByteBuf frame(ChannelHandlerContext context, byte[] message, int opcode) {
        int length = message.length;
        ByteBuf out = context.alloc().buffer(length + 14).writeByte(FINAL | opcode);
        if (length < SHORT_LENGTH) {
            out.writeByte(MASKED | length);
        } else if (length <= 0xffff) {
            out.writeByte(MASKED | SHORT_LENGTH).writeShort(length);
        } else {
            out.writeByte(MASKED | LONG_LENGTH).writeLong(length);
        }
        out.writeInt(MASK);
        for (int i = 0; i < length; i++) {
            message[i] ^= (byte) (MASK >>> (24 - 8 * (i & 3)));
        }
        return out.writeBytes(message);
    }
}
