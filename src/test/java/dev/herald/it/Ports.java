package dev.herald.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports for servers that have to know theirs before they start. */
public final class Ports {
    /** Below what systems give to outgoing connections, so that none of these takes the port before its server does. */
    private static final int FIRST = 12_000;

    private static final int COUNT = 20_000;

    /** Elsewhere in each process, as several may run tests at once. */
    private static final AtomicInteger next =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

    private Ports() {}

    /** A port of the loopback interface that nobody listens on; no port is given out twice. */
    public static int free() {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = FIRST + Math.floorMod(next.getAndIncrement(), COUNT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                continue;
            }
        }
        throw new IllegalStateException("no port is free");
    }
}
