package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.OnLoop;
import dev.herald.socket.transport.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.junit5.VertxExtension;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class OutboxTest {
    private static final int BOUND = 100_000;

    /** More than is gathered, so that each is a write of its own. */
    private static final byte[] LARGE = new byte[90_000];

    private final Stuck transport = new Stuck();
    private final AtomicBoolean heapIsFull = new AtomicBoolean();
    private final Memory memory = new Memory(heapIsFull::get, () -> 0, BOUND, () -> 0, BOUND);

    @Test
    void a_burst_waits_for_whoever_takes_it_and_has_a_bound(Vertx vertx) {
        onLoop(vertx, outbox -> {
            int written = 0;
            while (outbox.write(LARGE, false)) {
                written++;
            }
            assertThat(written).isEqualTo(8);
            transport.take();
            assertThat(outbox.write(LARGE, false)).isTrue();
            assertThat(outbox.write(LARGE, false)).isFalse();
        });
    }

    @Test
    void while_memory_is_short_no_burst_waits(Vertx vertx) {
        onLoop(vertx, outbox -> {
            assertThat(outbox.write(LARGE, false)).isTrue();
            heapIsFull.set(true);
            memory.look();
            assertThat(outbox.write(new byte[1], false)).isFalse();
        });
    }

    /** All of it in one turn, before what was written is flushed at the turn's end. */
    private void onLoop(Vertx vertx, Consumer<Outbox> test) {
        new OnLoop(vertx.getOrCreateContext()).call(() -> {
            test.accept(new Outbox(transport, BOUND, new Turn(vertx), () -> {}, new NodeCounts(), memory));
            return Future.succeededFuture();
        });
    }

    /** A client that takes only what it is told to. */
    private static final class Stuck implements Transport {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final Queue<ChannelPromise> writes = new ArrayDeque<>();

        void take() {
            writes.remove().setSuccess();
        }

        @Override
        public ChannelFuture write(ByteBuf gathered) {
            gathered.release();
            ChannelPromise written = channel.newPromise();
            writes.add(written);
            return written;
        }

        @Override
        public ByteBuf gather(byte[] message, boolean text) {
            return channel.alloc().buffer().writeBytes(message);
        }

        @Override
        public void append(ByteBuf gathered, byte[] message, boolean text) {
            gathered.writeBytes(message);
        }

        @Override
        public ChannelHandlerContext channel() {
            return channel.pipeline().firstContext();
        }

        @Override
        public int gathered() {
            return 0;
        }

        @Override
        public boolean pings() {
            return false;
        }

        @Override
        public void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone) {}

        @Override
        public void ping() {}

        @Override
        public void pause() {}

        @Override
        public void resume() {}

        @Override
        public void close(int code, String text) {}

        @Override
        public SocketAddress remote() {
            return SocketAddress.inetSocketAddress(1, "127.0.0.1");
        }
    }
}
