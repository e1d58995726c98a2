package dev.herald.presence.session;

import dev.herald.presencelog.Edge;
import java.util.Map;

/** Edges as the registry makes them, of users with one app. */
final class Edges {
    private Edges() {}

    static Edge of(String uid, long version, boolean online) {
        Map<Integer, Integer> devices = online ? Map.of(0, 1) : Map.of();
        String reason = online ? "connect" : "close";
        return new Edge(uid, version, online, 0, devices, 1, 1, reason, version, version);
    }
}
