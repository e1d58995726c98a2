package dev.herald.presence.session;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The users whom this node changed last. A master of a Redis Cluster that fails over can lose such a change and not what
 * this node's list, on another master, says of it: then nothing else would lead back to a session that had ended.
 */
public final class Recent {
    /** As long as a master may go on without its replicas, and longer. */
    private static final Duration TERM = Duration.ofSeconds(30);

    /** In one term; with more the term is shorter. */
    private static final int BOUND = 100_000;

    private final LongSupplier nanoTime;
    private Set<String> latest = new HashSet<>();
    private Set<String> before = new HashSet<>();
    private long begunAt;
    private boolean held;

    Recent(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begunAt = nanoTime.getAsLong();
    }

    void note(String uid) {
        boolean isOver = !held && nanoTime.getAsLong() - begunAt > TERM.toNanos();
        if (isOver || latest.size() >= BOUND) {
            before = latest;
            latest = new HashSet<>();
            begunAt = nanoTime.getAsLong();
        }
        latest.add(uid);
    }

    /** Redis may have lost something: whom it may concern is kept until all of them were looked at. */
    public void hold() {
        held = true;
    }

    public void release() {
        held = false;
    }

    public boolean isHeld() {
        return held;
    }

    public Set<String> users() {
        Set<String> users = new HashSet<>(before);
        users.addAll(latest);
        return users;
    }

    public int size() {
        return before.size() + latest.size();
    }
}
