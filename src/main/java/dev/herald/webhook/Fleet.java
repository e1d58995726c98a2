package dev.herald.webhook;

import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.State;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One dispatcher for each active endpoint, as it is now. Used on one context. */
final class Fleet {
    private static final Logger log = LoggerFactory.getLogger(Fleet.class);

    private final Node node;
    private final Posts posts;
    private final Map<String, Dispatcher> dispatchers = new HashMap<>();
    private boolean stopped;

    Fleet(Node node, Posts posts) {
        this.node = node;
        this.posts = posts;
    }

    Map<String, Dispatcher> dispatchers() {
        return Map.copyOf(dispatchers);
    }

    /** Starts, stops and replaces dispatchers; what one endpoint cannot do is no other's trouble. */
    Future<Void> become(List<Endpoint> endpoints) {
        Map<String, Endpoint> active = endpoints.stream()
                .filter(endpoint -> endpoint.state() == State.ACTIVE)
                .collect(Collectors.toMap(Endpoint::id, endpoint -> endpoint));
        Set<String> obsolete = dispatchers.values().stream()
                .map(Dispatcher::endpoint)
                .filter(old -> isObsolete(old, active.get(old.id())))
                .map(Endpoint::id)
                .collect(Collectors.toSet());
        List<Endpoint> missing = active.values().stream()
                .filter(endpoint -> !dispatchers.containsKey(endpoint.id()) || obsolete.contains(endpoint.id()))
                .toList();
        return Future.join(obsolete.stream().map(this::end).toList())
                .compose(ended -> Future.join(missing.stream().map(this::begin).toList()))
                .mapEmpty();
    }

    void hint(Scout.Hint hint) {
        dispatchers.values().forEach(dispatcher -> {
            if (dispatcher.endpoint().settings().types().contains(hint.type())) {
                dispatcher.look(LaneKey.of(dispatcher.endpoint().id(), hint.lane()), Duration.ZERO);
            }
        });
    }

    void look(LaneKey lane) {
        Dispatcher dispatcher = dispatchers.get(lane.endpoint());
        if (dispatcher != null) {
            dispatcher.look(lane, Duration.ZERO);
        }
    }

    Future<Void> stop() {
        stopped = true;
        return Future.join(List.copyOf(dispatchers.keySet()).stream()
                        .map(this::end)
                        .toList())
                .mapEmpty();
    }

    private static boolean isObsolete(Endpoint old, @Nullable Endpoint now) {
        return now == null || now.revision() != old.revision();
    }

    private Future<Void> end(String id) {
        Dispatcher dispatcher = dispatchers.remove(id);
        return dispatcher == null ? Future.succeededFuture() : dispatcher.stop();
    }

    private Future<Void> begin(Endpoint endpoint) {
        return posts.of(endpoint)
                .compose(post -> {
                    if (stopped) {
                        return post.close();
                    }
                    Dispatcher dispatcher = new Dispatcher(node, endpoint, post);
                    dispatchers.put(endpoint.id(), dispatcher);
                    dispatcher.lookAtAll();
                    return Future.succeededFuture();
                })
                .otherwise(cause -> {
                    log.error("webhook endpoint={} is not served by this node", endpoint.id(), cause);
                    return null;
                })
                .mapEmpty();
    }
}
