package dev.herald.wire.json;

import dev.herald.wire.Unsigned;
import dev.herald.wire.WireException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/** The ids of requests that wait for their answer. */
final class OpenRequests {
    static final int BOUND = 1024;

    private final Map<Long, String> sends = new HashMap<>();
    private final Queue<String> pings = new ArrayDeque<>();
    private long lastSeq;

    /** A client sequence to stand for an id. */
    long nextSeq() {
        lastSeq = (lastSeq + 1) & Unsigned.MAX_32;
        return lastSeq;
    }

    void addSend(long clientSeq, String id) {
        requireRoom();
        sends.put(clientSeq, id);
    }

    void addPing(String id) {
        requireRoom();
        pings.add(id);
    }

    String takeSend(long clientSeq) {
        String id = sends.remove(clientSeq);
        if (id == null) {
            throw new IllegalArgumentException("no open request has the sequence " + clientSeq);
        }
        return id;
    }

    /** Pings are answered in their order. */
    String takePing() {
        String id = pings.poll();
        if (id == null) {
            throw new IllegalArgumentException("no ping is open");
        }
        return id;
    }

    private void requireRoom() {
        if (sends.size() + pings.size() >= BOUND) {
            throw new WireException("more than " + BOUND + " requests wait for their answer");
        }
    }
}
