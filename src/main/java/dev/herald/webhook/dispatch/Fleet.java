package dev.herald.webhook.dispatch;

import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.webhook.lane.LaneKey;
import dev.herald.webhook.post.Posts;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
public final class Fleet {
    private static final Logger log = LoggerFactory.getLogger(Fleet.class);

    private final Node node;
    private final Posts posts;
    private final Context context;
    private final Map<String, Dispatcher> dispatchers = new HashMap<>();
    private final Map<String, Long> unserved = new HashMap<>();
    private Future<Boolean> last = Future.succeededFuture(true);
    private boolean stopped;

    public Fleet(Node node, Posts posts) {
        this.node = node;
        this.posts = posts;
        this.context = node.vertx().getOrCreateContext();
    }

    public Map<String, Dispatcher> dispatchers() {
        return Map.copyOf(dispatchers);
    }

    /**
     * Starts, stops and replaces dispatchers, after an earlier call has done so; what one endpoint cannot do is no other's
     * trouble. False if one cannot start.
     */
    Future<Boolean> become(List<Endpoint> endpoints) {
        Future<Boolean> became = last.otherwise(false).compose(done -> replace(endpoints));
        last = became;
        return became;
    }

    private Future<Boolean> replace(List<Endpoint> endpoints) {
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
                .map(begun -> {
                    unserved.keySet().retainAll(active.keySet());
                    return unserved.isEmpty();
                });
    }

    public void hint(Scout.Hint hint) {
        dispatchers.values().forEach(dispatcher -> {
            if (dispatcher.endpoint().settings().types().contains(hint.type())) {
                dispatcher.look(LaneKey.of(dispatcher.endpoint().id(), hint.lane()), Duration.ZERO);
            }
        });
    }

    public void look(LaneKey lane) {
        Dispatcher dispatcher = dispatchers.get(lane.endpoint());
        if (dispatcher != null) {
            dispatcher.look(lane, Duration.ZERO);
        }
    }

    public Future<Void> stop() {
        stopped = true;
        return Future.join(List.copyOf(dispatchers.keySet()).stream()
                        .map(this::end)
                        .toList())
                .mapEmpty();
    }

    private static boolean isObsolete(Endpoint old, @Nullable Endpoint now) {
        return now == null || now.revision() != old.revision();
    }

    /** A client's connections end on threads of their own; what comes next belongs to this context again. */
    private Future<Void> end(String id) {
        Dispatcher dispatcher = dispatchers.remove(id);
        Promise<Void> ended = Promise.promise();
        if (dispatcher == null) {
            ended.complete();
        } else {
            dispatcher.stop().onComplete(done -> context.runOnContext(v -> ended.complete()));
        }
        return ended.future();
    }

    private Future<Void> begin(Endpoint endpoint) {
        return posts.of(endpoint)
                .compose(post -> {
                    if (stopped) {
                        return post.close();
                    }
                    Dispatcher dispatcher = new Dispatcher(node, endpoint, post);
                    dispatchers.put(endpoint.id(), dispatcher);
                    unserved.remove(endpoint.id());
                    dispatcher.lookAtAll();
                    return Future.succeededFuture();
                })
                .otherwise(cause -> {
                    Long before = unserved.put(endpoint.id(), endpoint.revision());
                    if (before == null || before != endpoint.revision()) {
                        log.error("webhook endpoint={} is not served by this node for now", endpoint.id(), cause);
                    }
                    return null;
                })
                .mapEmpty();
    }
}
