package dev.herald.presence.node;

import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The node's word that it lives; without it others end the node's sessions. Whoever let a lease end takes part under
 * another name: what was ended under the old name stays ended, however late a cleaner is.
 */
public final class NodeLease {
    private static final RedisScript LEASE = RedisScript.load("session-lease");

    public static final String READY = "ready";

    private final RedisGateway redis;
    private final long incarnation;
    private final Duration lease;
    private final Duration renewal;
    private final LongSupplier nanoTime;
    private int term;
    private boolean isReady;
    private long renewedAt;
    private long endsAtMs;

    /** Redis has not answered since the last renewal that it did answer: who was only late itself tells nothing of others. */
    private boolean isFailing;

    /** When it could renew again after an outage. */
    private long backAt;

    /** @param renewal no question waits longer for its answer */
    public NodeLease(RedisGateway redis, long incarnation, Duration lease, Duration renewal, LongSupplier nanoTime) {
        this.redis = redis;
        this.incarnation = incarnation;
        this.lease = lease;
        this.renewal = renewal;
        this.nanoTime = nanoTime;
        this.renewedAt = nanoTime.getAsLong() - lease.toNanos();
        this.backAt = renewedAt;
    }

    public long incarnation() {
        return incarnation;
    }

    /** The node's name in the registry: the incarnation, and how many leases it has asked for. */
    public String node() {
        return incarnation + "." + term;
    }

    /** The name that {@link #take} would give. */
    public String nextNode() {
        return incarnation + "." + (term + 1);
    }

    /** Whether all that this node has is registered. */
    public boolean isReady() {
        return isReady;
    }

    /** It lives, and whoever it has is registered: what it does not find in the registry is not there. */
    public boolean mayJudge() {
        return isHeld() && isReady;
    }

    /**
     * It could not renew for so long that others may have lost their leases over it, though they live: they have one
     * lease's time to come back.
     */
    boolean isAfterOutage() {
        long now = nanoTime.getAsLong();
        return (isFailing && isOutage(now)) || now - backAt < lease.toNanos();
    }

    public Duration length() {
        return lease;
    }

    /** By this process' clock. */
    public long endsAtNanos() {
        return renewedAt + lease.toNanos();
    }

    /** By Redis' clock. */
    public long endsAtMs() {
        return endsAtMs;
    }

    /** Counted from when the renewal was sent, so never longer than Redis counts it. */
    public boolean isHeld() {
        return nanoTime.getAsLong() - renewedAt < lease.toNanos();
    }

    /** Gives the old name up at once, and asks for a lease under a new one; only then cleaners look for it. */
    public Future<Void> take() {
        isFailing = term > 0;
        term++;
        isReady = false;
        endsAtMs = 0;
        renewedAt = nanoTime.getAsLong() - lease.toNanos();
        return hold(() -> ask("take").compose(end -> announce().map(end))).mapEmpty();
    }

    /** Everything that this node has is registered under its name: others may judge by what the registry says. */
    public Future<Void> ready() {
        isReady = true;
        return renew().mapEmpty();
    }

    /** False if the lease had ended. */
    public Future<Boolean> renew() {
        return hold(() -> ask("renew")).map(end -> end > 0).onSuccess(held -> {
            if (held) {
                announce();
            }
        });
    }

    /** Again with each renewal: in a Redis Cluster the list of the nodes can be lost where their leases are not. */
    private Future<?> announce() {
        return redis.send(Request.cmd(Command.SADD).arg(NodeKeys.NODES).arg(node()));
    }

    public Future<Void> drop() {
        return redis.send(Request.cmd(Command.DEL).arg(NodeKeys.lease(node())))
                .timeout(renewal.toMillis(), TimeUnit.MILLISECONDS)
                .mapEmpty();
    }

    private Future<Long> ask(String verb) {
        return redis.eval(LEASE, List.of(NodeKeys.lease(node())), verb, lease.toMillis(), isReady ? READY : "restoring")
                .map(end -> Long.parseLong(String.valueOf(end)));
    }

    private Future<Long> hold(Supplier<Future<Long>> asking) {
        long sentAt = nanoTime.getAsLong();
        return asking.get()
                .timeout(renewal.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(cause -> isFailing = true)
                .onSuccess(end -> {
                    if (end > 0) {
                        if (isFailing && isOutage(sentAt)) {
                            backAt = sentAt;
                        }
                        isFailing = false;
                        renewedAt = sentAt;
                        endsAtMs = end;
                    }
                });
    }

    /** Renewed three times in its length, a lease ends in no outage that is shorter, even if one renewal comes late. */
    private boolean isOutage(long now) {
        return now - renewedAt > lease.toNanos() / 5 * 3;
    }
}
