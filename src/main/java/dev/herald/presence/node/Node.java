package dev.herald.presence.node;

import dev.herald.redis.RedisGateway;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;

/** This node among those that take part. */
public record Node(RedisGateway redis, NodeLease lease, NodeList list, Peers peers, Heirs heirs) {

    /** @param renewal how often the lease is renewed */
    public static Node of(
            Vertx vertx, RedisGateway redis, SqlClient pg, long incarnation, Duration lease, Duration renewal) {
        NodeLease own = new NodeLease(redis, incarnation, lease, renewal, System::nanoTime);
        return new Node(
                redis, own, new NodeList(vertx, redis, own), new Peers(redis, own, System::nanoTime), new Heirs(pg));
    }
}
