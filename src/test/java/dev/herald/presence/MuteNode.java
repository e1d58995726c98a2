package dev.herald.presence;

import static dev.herald.presence.PresenceNode.now;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.Outcome;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.function.LongSupplier;

/** A node that changes the registry and dies before it has recorded a single edge. */
final class MuteNode {
    final RedisGateway redis;
    private final long incarnation;
    final NodeLease lease;
    final SessionRegistry registry;
    private int sessions;
    private int operations;

    /** @param nanoTime the clock by which the node believes that it holds its lease */
    MuteNode(Vertx vertx, String redisUrl, long incarnation, Duration term, LongSupplier nanoTime) {
        this.redis = now(RedisGateway.open(vertx, redisUrl));
        this.incarnation = incarnation;
        this.lease = new NodeLease(redis, incarnation, term, Duration.ofSeconds(5), nanoTime);
        this.registry = new SessionRegistry(redis, lease);
        now(lease.take());
    }

    MuteNode(Vertx vertx, String redisUrl, long incarnation) {
        this(vertx, redisUrl, incarnation, Duration.ofMinutes(10), System::nanoTime);
    }

    Future<Outcome> open(SessionInfo session) {
        return apply(Change.open(nextOp(), session));
    }

    Outcome open(String uid, int flag) {
        return now(open(session(uid, flag)));
    }

    SessionInfo session(String uid, int flag) {
        sessions++;
        return new SessionInfo(SessionInfo.id(incarnation, sessions), uid, flag, false, "mute" + sessions);
    }

    Outcome end(SessionInfo session) {
        return now(ending(session));
    }

    Future<Outcome> ending(SessionInfo session) {
        return apply(Change.end(nextOp(), session.uid(), session.id(), EndReason.CLOSE));
    }

    Outcome kick(String uid) {
        return now(apply(Change.kick(nextOp(), uid, -1)));
    }

    boolean holds(SessionInfo session) {
        return SessionInfo.incarnationOf(session.id()) == incarnation;
    }

    /** Its lease ends and its connection, too. */
    void die() {
        now(redis.send(Request.cmd(Command.DEL).arg(NodeKeys.lease(lease.node()))));
        now(redis.close());
    }

    Future<Outcome> apply(Change change) {
        return apply(change, Grace.NONE);
    }

    Future<Outcome> apply(Change change, Grace grace) {
        return redis.send(Request.cmd(Command.SADD)
                        .arg(NodeKeys.users(lease.node()))
                        .arg(change.uid()))
                .compose(listed -> registry.apply(change, grace, 0));
    }

    private String nextOp() {
        return "mute." + ++operations;
    }
}
