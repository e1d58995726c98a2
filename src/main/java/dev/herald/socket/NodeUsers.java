package dev.herald.socket;

import dev.herald.lifecycle.NodeLocal;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Who has a session on this node, whichever instance of the socket verticle owns it. */
final class NodeUsers implements Shareable {
    private final Map<String, Integer> sessions = new ConcurrentHashMap<>();

    static NodeUsers of(Vertx vertx) {
        return NodeLocal.of(vertx, NodeUsers.class, NodeUsers::new);
    }

    void add(String uid) {
        sessions.merge(uid, 1, Integer::sum);
    }

    void remove(String uid) {
        sessions.computeIfPresent(uid, (it, count) -> count == 1 ? null : count - 1);
    }

    /** Those who have none. */
    Set<String> absent(Set<String> uids) {
        return uids.stream().filter(uid -> !sessions.containsKey(uid)).collect(Collectors.toUnmodifiableSet());
    }
}
