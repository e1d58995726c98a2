package dev.herald.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Ports for servers that have to know theirs before they start. Each process that runs tests has a share of its own, so
 * that none takes what another has looked at, or has stopped to start again.
 */
public final class Ports {
    /** With as many above that Redis clusters add, below what systems give to outgoing connections. */
    private static final int FIRST = 12_000;

    private static final int SHARE = 500;
    private static final int SHARES = 20;

    private static final Share own = Share.take();
    private static final AtomicInteger next = new AtomicInteger();

    private Ports() {}

    /** A port of the loopback interface that nobody listens on; it is not given out again soon. */
    public static int free() {
        for (int tried = 0; tried < SHARE; tried++) {
            int port = FIRST + own.number * SHARE + next.getAndIncrement() % SHARE;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free");
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    /** Held until this process ends. */
    private record Share(int number, FileLock lock) {
        static Share take() {
            for (int number = 0; number < SHARES; number++) {
                FileLock lock = lock(Path.of(System.getProperty("java.io.tmpdir"), "herald-test-ports-" + number));
                if (lock != null) {
                    return new Share(number, lock);
                }
            }
            throw new IllegalStateException(SHARES + " processes run tests already");
        }

        private static @Nullable FileLock lock(Path file) {
            try {
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    channel.close();
                }
                return lock;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
