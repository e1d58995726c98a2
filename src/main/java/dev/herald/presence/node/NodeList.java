package dev.herald.presence.node;

import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's list: a user is on it before anything is changed for the node's sake, and is taken off, with others,
 * when nothing is left.
 */
public final class NodeList {
    private static final Logger log = LoggerFactory.getLogger(NodeList.class);
    private static final long LINGER_MS = 50;
    private static final int SLICE = 1_000;

    private final Vertx vertx;
    private final RedisGateway redis;
    private final NodeLease lease;
    private final Set<String> listed = new HashSet<>();
    private final Set<String> leaving = new HashSet<>();
    private boolean isFlushing;

    NodeList(Vertx vertx, RedisGateway redis, NodeLease lease) {
        this.vertx = vertx;
        this.redis = redis;
        this.lease = lease;
    }

    public Future<Void> enter(String uid) {
        if (leaving.remove(uid) || listed.contains(uid)) {
            listed.add(uid);
            return Future.succeededFuture();
        }
        return enter(List.of(uid)).mapEmpty();
    }

    /** @return how many of them were not on the list before, whatever this node believed */
    public Future<Long> enter(Collection<String> uids) {
        listed.addAll(uids);
        leaving.removeAll(uids);
        return inRedis().add(uids).onFailure(cause -> listed.removeAll(uids));
    }

    /** The list as others see it. */
    public UserList inRedis() {
        return new UserList(redis, lease.node());
    }

    public boolean has(String uid) {
        return listed.contains(uid);
    }

    /** Nothing of the user is left here. */
    public void leave(String uid) {
        if (listed.remove(uid)) {
            leaving.add(uid);
            if (!isFlushing) {
                isFlushing = true;
                vertx.setTimer(LINGER_MS, timer -> flush());
            }
        }
    }

    /** The node has a new name, and under it an empty list. */
    public void begin() {
        listed.clear();
        leaving.clear();
    }

    /** A user who stays on the list for nothing costs whoever looks there a look. */
    Future<Void> flush() {
        isFlushing = false;
        if (leaving.isEmpty()) {
            return Future.succeededFuture();
        }
        List<String> uids = List.copyOf(leaving);
        leaving.clear();
        Future<Void> sent = Future.succeededFuture();
        for (int from = 0; from < uids.size(); from += SLICE) {
            Future<Void> slice = inRedis().remove(uids.subList(from, Math.min(uids.size(), from + SLICE)));
            sent = Future.all(sent, slice).mapEmpty();
        }
        return sent.onFailure(cause -> log.debug("stale entries stay on this node's list", cause));
    }
}
