package dev.herald.bench.net;

import dev.herald.model.Delivery.Header;
import dev.herald.model.Reason;
import dev.herald.wire.binary.ClientCodec;
import dev.herald.wire.Frame;
import dev.herald.wire.json.JsonClientCodec;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** How one connection speaks: the binary protocol, whose signatures are checked on a sample, JSON-RPC, or to an echo. */
public interface Dialect {
    byte[] encode(Frame frame);

    Frame decode(byte[] message);

    Frame.Connect connect(int flag, String uid, String token);

    boolean isText();

    /**
     * @param name binary, json or echo
     * @param verifyEach one RECV of so many is decrypted and its signature checked
     */
    static Supplier<Dialect> speakers(String name, RandomGenerator random, int verifyEach) {
        return switch (name) {
            case "binary" -> {
                Sample sample = new Sample(verifyEach);
                yield () -> new Binary(new ClientCodec(5, random), sample);
            }
            case "json" -> Json::new;
            case "echo" -> Echo::new;
            default -> throw new IllegalArgumentException("protocol is binary, json or echo: " + name);
        };
    }

    /** One of so many, over all connections: few of a scenario's connections may get many. */
    final class Sample {
        private final int each;
        private int count;

        Sample(int each) {
            this.each = each;
        }

        boolean takes() {
            count = (count + 1) % each;
            return count == 0;
        }
    }

    /** Verifying all would cost the driver as much as signing costs the server, on the same cores. */
    final class Binary implements Dialect {
        private final ClientCodec codec;
        private final Sample sample;

        Binary(ClientCodec codec, Sample sample) {
            this.codec = codec;
            this.sample = sample;
        }

        @Override
        public byte[] encode(Frame frame) {
            return codec.encode(frame);
        }

        @Override
        public Frame decode(byte[] message) {
            Frame frame = codec.glance(message);
            return frame instanceof Frame.Recv && sample.takes() ? codec.decode(message) : frame;
        }

        @Override
        public Frame.Connect connect(int flag, String uid, String token) {
            return codec.connect(flag, uid + "-" + flag, uid, token, System.currentTimeMillis());
        }

        @Override
        public boolean isText() {
            return false;
        }
    }

    final class Json implements Dialect {
        private final JsonClientCodec codec = new JsonClientCodec();

        @Override
        public byte[] encode(Frame frame) {
            return codec.encode(frame);
        }

        @Override
        public Frame decode(byte[] message) {
            return codec.decode(message);
        }

        @Override
        public Frame.Connect connect(int flag, String uid, String token) {
            return new Frame.Connect(5, flag, uid + "-" + flag, uid, token, System.currentTimeMillis(), "");
        }

        @Override
        public boolean isText() {
            return true;
        }
    }

    /** With a server that only sends everything back: its own CONNECT lets a client in, its own SEND is acknowledged. */
    final class Echo implements Dialect {
        private static final long CONNECT = -1;

        @Override
        public byte[] encode(Frame frame) {
            return frame instanceof Frame.Send send
                    ? ByteBuffer.allocate(Long.BYTES + send.payload().size())
                            .putLong(send.clientSeq())
                            .put(send.payload().bytes())
                            .array()
                    : ByteBuffer.allocate(Long.BYTES).putLong(CONNECT).array();
        }

        @Override
        public Frame decode(byte[] message) {
            long number = ByteBuffer.wrap(message).getLong();
            return number == CONNECT
                    ? new Frame.ConnAck(0, 0, Reason.SUCCESS.code(), "", "", 0)
                    : new Frame.SendAck(Header.PLAIN, 0, number, 0, Reason.SUCCESS.code());
        }

        @Override
        public Frame.Connect connect(int flag, String uid, String token) {
            return new Frame.Connect(0, flag, "", uid, token, 0, "");
        }

        @Override
        public boolean isText() {
            return false;
        }
    }
}
