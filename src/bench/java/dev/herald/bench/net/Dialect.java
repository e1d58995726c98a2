package dev.herald.bench.net;

import dev.herald.wire.ClientCodec;
import dev.herald.wire.Frame;
import dev.herald.wire.JsonClientCodec;
import java.util.random.RandomGenerator;

/** How one connection speaks: the binary protocol, whose signatures are checked on a sample, or JSON-RPC. */
interface Dialect {
    byte[] encode(Frame frame);

    Frame decode(byte[] message);

    Frame.Connect connect(int flag, String uid, String token);

    boolean isText();

    /** @param verifyEach one RECV of so many is decrypted and its signature checked */
    static Dialect binary(RandomGenerator random, int verifyEach) {
        return new Binary(new ClientCodec(5, random), verifyEach);
    }

    static Dialect json() {
        return new Json();
    }

    /** Verifying all would cost the driver as much as signing costs the server, on the same cores. */
    final class Binary implements Dialect {
        private final ClientCodec codec;
        private final int verifyEach;
        private int count;

        Binary(ClientCodec codec, int verifyEach) {
            this.codec = codec;
            this.verifyEach = verifyEach;
        }

        @Override
        public byte[] encode(Frame frame) {
            return codec.encode(frame);
        }

        @Override
        public Frame decode(byte[] message) {
            count = (count + 1) % verifyEach;
            return count == 0 ? codec.decode(message) : codec.glance(message);
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
}
