package dev.herald.presence.registry;

import dev.herald.bus.message.PresenceMessage.RouteQuery;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which nodes hold the sessions of a user, as the registry has it: a node may have lost one that it was not told of yet. */
public final class SessionRoutes {
    private final RedisGateway redis;

    public SessionRoutes(RedisGateway redis) {
        this.redis = redis;
    }

    public Future<Routes> of(RouteQuery query) {
        if (query.uids().isEmpty()) {
            return Future.succeededFuture(new Routes(Map.of()));
        }
        List<String> uids = List.copyOf(query.uids());
        Future<List<@Nullable Response>> sessions = redis.sendAll(uids.stream()
                .map(uid -> Request.cmd(Command.HKEYS).arg(UserKeys.sessions(uid)))
                .toList());
        return sessions.map(ids -> {
            Map<String, Set<Long>> nodes = new HashMap<>();
            for (int i = 0; i < uids.size(); i++) {
                take(uids.get(i), ids.get(i), nodes);
            }
            return new Routes(nodes);
        });
    }

    private static void take(String uid, @Nullable Response ids, Map<String, Set<Long>> nodes) {
        if (ids != null && ids.size() > 0) {
            nodes.put(
                    uid,
                    ids.stream()
                            .map(id -> SessionInfo.incarnationOf(Long.parseLong(id.toString())))
                            .collect(Collectors.toUnmodifiableSet()));
        }
    }
}
