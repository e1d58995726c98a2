package dev.herald.presence.node;

import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisProcess;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The nodes that take part, as the registry knows them. */
public final class Peers {
    private final RedisGateway redis;
    private final NodeLease self;
    private final LongSupplier nanoTime;
    private String redisRuns = "";
    private long changedAt;
    private boolean isRedisOld;

    public Peers(RedisGateway redis, NodeLease self, LongSupplier nanoTime) {
        this.redis = redis;
        this.self = self;
        this.nanoTime = nanoTime;
        this.changedAt = nanoTime.getAsLong() - 2 * self.length().toNanos();
    }

    /**
     * @param leases what each node's lease says, by name; an empty text: it has ended
     * @param isOutageOver every node has had the time to come back since Redis, or this node's way to it, was lost
     */
    public record View(String self, Map<String, String> leases, boolean isOutageOver) {
        public View {
            leases = Map.copyOf(leases);
        }

        public Set<String> names() {
            return leases.keySet();
        }

        public List<String> dead() {
            return leases.keySet().stream()
                    .filter(node -> leases.getOrDefault(node, "").isEmpty())
                    .filter(node -> !node.equals(self))
                    .toList();
        }

        public boolean isAlive(String node) {
            return !leases.getOrDefault(node, "").isEmpty();
        }

        /** Incarnations of the others that live. */
        public Set<Long> others() {
            return leases.keySet().stream()
                    .filter(node -> isAlive(node) && !node.equals(self))
                    .map(NodeKeys::incarnation)
                    .collect(Collectors.toSet());
        }

        /** Whoever lives has registered what it has: who is not in the registry now is not there. */
        public boolean isSettled() {
            return isOutageOver
                    && isAlive(self)
                    && leases.values().stream().allMatch(lease -> lease.isEmpty() || lease.equals(NodeLease.READY));
        }
    }

    public Future<View> look() {
        String name = self.node();
        boolean isAfterOutage = self.isAfterOutage();
        Future<Boolean> isYoung = isRedisYoung();
        return InTime.of(redis.send(Request.cmd(Command.SMEMBERS).arg(NodeKeys.NODES)))
                .compose(members -> {
                    List<String> nodes = members == null
                            ? List.of()
                            : members.stream().map(Response::toString).toList();
                    Future<List<@Nullable Response>> leases =
                            redis.values(nodes.stream().map(NodeKeys::lease).toList());
                    return Future.all(InTime.of(leases), isYoung).map(read -> {
                        Map<String, String> states = new HashMap<>();
                        for (int i = 0; i < nodes.size(); i++) {
                            Response lease = leases.result().get(i);
                            states.put(nodes.get(i), lease == null ? "" : lease.toString());
                        }
                        boolean isOver = !isAfterOutage && !self.isAfterOutage() && !isYoung.result();
                        return new View(name, states, isOver);
                    });
                });
    }

    /** Nothing of it is left. */
    public Future<Void> forget(String node) {
        return InTime.of(
                        redis.send(Request.cmd(Command.SREM).arg(NodeKeys.NODES).arg(node)))
                .mapEmpty();
    }

    /** The connection to Redis was lost: it may be another process now. */
    public void redisIsBack() {
        isRedisOld = false;
    }

    /** Whether Redis is up for less than a lease's time, or it is that long since another server became the master. */
    private Future<Boolean> isRedisYoung() {
        if (isRedisOld) {
            return Future.succeededFuture(false);
        }
        return InTime.of(redis.processes()).map(processes -> {
            String runs = RedisProcess.runIds(processes);
            if (!runs.equals(redisRuns)) {
                changedAt = redisRuns.isEmpty() ? changedAt : nanoTime.getAsLong();
                redisRuns = runs;
            }
            isRedisOld = nanoTime.getAsLong() - changedAt > self.length().toNanos()
                    && processes.stream().allMatch(it -> it.uptime().compareTo(self.length()) > 0);
            return !isRedisOld;
        });
    }
}
