package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.binary.ClientCodec;
import dev.herald.wire.json.JsonClientCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A client of either protocol, whatever carries its bytes. */
abstract class FrameClient<C extends FrameClient<C>> {
    final List<Frame> received = new CopyOnWriteArrayList<>();
    private final Dialect dialect;
    private volatile @Nullable Throwable broken;
    private volatile boolean closed;

    /** How one client speaks. */
    record Dialect(
            boolean isText,
            Function<String, Frame.Connect> connect,
            Function<Frame, byte[]> encode,
            Function<byte[], Frame> decode) {
        static Dialect binary(int version, int deviceFlag) {
            ClientCodec codec = new ClientCodec(version);
            return new Dialect(
                    false, uid -> codec.connect(deviceFlag, "d-" + uid, uid, "t", 1), codec::encode, codec::decode);
        }

        static Dialect json(int deviceFlag) {
            JsonClientCodec codec = new JsonClientCodec();
            return new Dialect(
                    true,
                    uid -> new Frame.Connect(5, deviceFlag, "d-" + uid, uid, "t", 1, ""),
                    codec::encode,
                    codec::decode);
        }
    }

    FrameClient(Dialect dialect) {
        this.dialect = dialect;
    }

    abstract void raw(byte[] bytes);

    Frame.Connect connectFrame(String uid) {
        return dialect.connect().apply(uid);
    }

    /** Connects and waits for the CONNACK. */
    @SuppressWarnings("unchecked")
    C login(String uid) {
        send(connectFrame(uid));
        assertThat(next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.SUCCESS.code());
        return (C) this;
    }

    byte[] encode(Frame frame) {
        return dialect.encode().apply(frame);
    }

    void send(Frame frame) {
        raw(encode(frame));
    }

    /** The frame at this place, once it is here. */
    <T extends Frame> T next(int index, Class<T> type) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> received.size() > index || closed || broken != null);
        assertThat(broken).isNull();
        assertThat(received).hasSizeGreaterThan(index);
        assertThat(received.get(index)).isInstanceOf(type);
        return type.cast(received.get(index));
    }

    boolean isClosed() {
        return closed;
    }

    void awaitClosed() {
        await().pollInterval(Duration.ofMillis(5)).until(() -> closed);
    }

    boolean isText() {
        return dialect.isText();
    }

    /** One frame has come. */
    void take(byte[] frame) {
        check(() -> received.add(dialect.decode().apply(frame)));
    }

    /** What fails here fails the test when it looks for its next frame. */
    void check(Runnable check) {
        try {
            check.run();
        } catch (RuntimeException | AssertionError e) {
            broken = e;
        }
    }

    void gone() {
        closed = true;
    }
}
