package dev.herald.socket;

import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;

/** What carries a connection's bytes: all else of a connection is the same, whatever its client came over. */
interface Transport {

    /**
     * @param received given the bytes as they come, none for what only shows that the client lives
     * @param broken told what went wrong below
     * @param gone told when it is closed for good
     */
    void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone);

    /**
     * Sends one message, after those before it.
     *
     * @param text true if it is UTF-8 and the transport may tell text from bytes
     * @return completed when it was handed to the system
     */
    Future<Void> write(byte[] message, boolean text);

    /** True if it can ask its peer for a sign of life by {@link #ping}; otherwise the system does, or nobody. */
    boolean pings();

    void ping();

    void pause();

    void resume();

    /** Says goodbye after all that was written, and leaves it to the client to go. */
    void close(Closing why);

    /** Closes at once what did not close in time. */
    void cut();

    /** Where the client is, as far as it is known. */
    SocketAddress remote();
}
