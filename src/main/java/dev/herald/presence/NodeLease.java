package dev.herald.presence;

import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The node's word that it lives; without it others end the node's sessions. */
final class NodeLease {
    private final RedisGateway redis;
    private final long incarnation;
    private final Duration lease;
    private final Duration renewal;
    private final LongSupplier nanoTime;
    private long renewedAt;

    NodeLease(RedisGateway redis, long incarnation, Duration lease, Duration renewal, LongSupplier nanoTime) {
        this.redis = redis;
        this.incarnation = incarnation;
        this.lease = lease;
        this.renewal = renewal;
        this.nanoTime = nanoTime;
        this.renewedAt = nanoTime.getAsLong() - lease.toNanos();
    }

    /** Counted from when the renewal was sent, so never longer than Redis counts it. */
    boolean isHeld() {
        return nanoTime.getAsLong() - renewedAt < lease.toNanos();
    }

    Future<Void> renew() {
        long sentAt = nanoTime.getAsLong();
        Request extend = Request.cmd(Command.SET)
                .arg(NodeKeys.lease(incarnation))
                .arg(1)
                .arg("PX")
                .arg(lease.toMillis());
        Request announce = Request.cmd(Command.SADD).arg(NodeKeys.NODES).arg(incarnation);
        return Future.all(redis.send(extend), redis.send(announce))
                .timeout(renewal.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(done -> renewedAt = sentAt)
                .mapEmpty();
    }

    Future<Void> drop() {
        return redis.send(Request.cmd(Command.DEL).arg(NodeKeys.lease(incarnation)))
                .timeout(renewal.toMillis(), TimeUnit.MILLISECONDS)
                .mapEmpty();
    }
}
