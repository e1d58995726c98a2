package dev.herald.ops;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How far the start of the node, or its stop, has come; told by whoever drives it, from any thread. */
public final class Readiness {
    static final String UP = "up";
    private static final String NODE = "node";

    private final Map<String, String> parts = new ConcurrentHashMap<>(Map.of(NODE, "starting"));

    public void starting(String part) {
        parts.put(part, "starting");
    }

    public void up(String part) {
        parts.put(part, UP);
    }

    public void started() {
        parts.replace(NODE, "starting", UP);
    }

    public void stopping() {
        parts.put(NODE, "stopping");
    }

    Map<String, String> states() {
        return new HashMap<>(parts);
    }
}
