package dev.herald.redis;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to each master of a cluster. Slots that move between these masters are followed. A master that is not one
 * of them ends the link, because it may have been promoted without the latest writes: whoever uses the link has to look
 * at it first. The client's own cluster mode would follow it unseen.
 */
final class ClusterLink implements RedisLink {
    private static final Logger log = LoggerFactory.getLogger(ClusterLink.class);

    private final RedisUrl url;
    private final Map<String, ServerLink> links = new HashMap<>();
    private final Consumer<RedisLink> onLost;
    private Slots slots;
    private @Nullable Future<Void> remapping;
    private boolean cut;

    private ClusterLink(RedisUrl url, Slots slots, Consumer<RedisLink> onLost) {
        this.url = url;
        this.slots = slots;
        this.onLost = onLost;
    }

    static Future<ClusterLink> connect(Vertx vertx, RedisUrl url, Consumer<RedisLink> onLost) {
        return ServerLink.askAny(vertx, url.endpoints(), (server, endpoint) -> slots(server, url, endpoint))
                .compose(slots -> new ClusterLink(url, slots, onLost).connect(vertx));
    }

    @Override
    public Future<@Nullable Response> send(Request request) {
        return sendOnce(request).recover(cause -> {
            Redirect redirect = Redirect.of(cause);
            if (redirect == null) {
                return Future.failedFuture(cause);
            }
            Future<@Nullable Response> again = redirect.isForOnce()
                    ? ask(redirect, request)
                    : remap(redirect).compose(done -> sendOnce(request));
            return again.recover(ClusterLink::moving);
        });
    }

    @Override
    public Future<List<@Nullable Response>> sendToMasters(Request request) {
        List<Future<@Nullable Response>> calls = new ArrayList<>();
        slots.masters().forEach(master -> calls.add(send(master, request)));
        return all(calls);
    }

    @Override
    public List<String> keysOfMasters(String name) {
        return slots.keysOfMasters(name);
    }

    /** If a slot of one call is on its way to another master, each call is made again alone: calls bear a repeat. */
    @Override
    public Future<List<@Nullable Response>> batch(List<Request> requests) {
        return batchOnce(requests)
                .recover(cause -> Redirect.of(cause) == null
                        ? Future.failedFuture(cause)
                        : all(requests.stream().map(this::send).toList()));
    }

    /** Places are "master cursor", masters being numbered. */
    @Override
    public Future<KeyPage> keys(String pattern, String place, int count) {
        int space = place.indexOf(' ');
        int master = space < 0 ? 0 : Integer.parseInt(place, 0, space, 10);
        List<String> masters = slots.masters();
        if (master >= masters.size()) {
            return Future.succeededFuture(new KeyPage(List.of(), ""));
        }
        return link(masters.get(master))
                .compose(link -> link.keys(pattern, place.substring(space + 1), count))
                .map(page -> new KeyPage(
                        page.keys(), page.next().isEmpty() ? master + 1 + " " : master + " " + page.next()));
    }

    @Override
    public int inFlight() {
        return links.values().stream().mapToInt(ServerLink::inFlight).sum();
    }

    @Override
    public boolean isSilentSinceLastLook() {
        return links.values().stream().filter(ServerLink::isSilentSinceLastLook).count() > 0;
    }

    /** A master without the majority stops taking writes by itself. */
    @Override
    public void confirm() {}

    @Override
    public boolean isCut() {
        return cut;
    }

    @Override
    public void cut() {
        if (!cut) {
            cut = true;
            onLost.accept(this);
            close().onFailure(cause -> log.debug("redis connections did not close", cause));
        }
    }

    @Override
    public Future<Void> close() {
        return Future.join(links.values().stream().map(ServerLink::close).toList())
                .mapEmpty();
    }

    private static Future<Slots> slots(RedisCalls server, RedisUrl url, String endpoint) {
        return server.send(Request.cmd(Command.CLUSTER).arg("SLOTS")).compose(answer -> {
            Slots found = Slots.of(Objects.requireNonNull(answer), url, endpoint);
            return found.areCovered()
                    ? Future.succeededFuture(found)
                    : Future.failedFuture(unavailable("the Redis cluster has slots without a master"));
        });
    }

    private Future<ClusterLink> connect(Vertx vertx) {
        return Future.join(slots.masters().stream()
                        .map(master -> ServerLink.connect(vertx, master, lost -> cut())
                                .onSuccess(link -> links.put(master, link)))
                        .toList())
                .compose(all -> cut
                        ? Future.failedFuture(unavailable("a master of the Redis cluster has gone"))
                        : Future.succeededFuture(this))
                .recover(cause -> close().transform(closed -> Future.failedFuture(cause)));
    }

    private Future<@Nullable Response> sendOnce(Request request) {
        return send(slots.masterOf(request), request);
    }

    private Future<@Nullable Response> send(String master, Request request) {
        return link(master).compose(link -> link.send(request));
    }

    private Future<ServerLink> link(String master) {
        ServerLink link = links.get(master);
        return link == null
                ? Future.failedFuture(unavailable("the Redis cluster has changed"))
                : Future.succeededFuture(link);
    }

    private Future<List<@Nullable Response>> batchOnce(List<Request> requests) {
        Map<String, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < requests.size(); i++) {
            places.computeIfAbsent(slots.masterOf(requests.get(i)), it -> new ArrayList<>())
                    .add(i);
        }
        @Nullable Response[] answers = new @Nullable Response[requests.size()];
        List<Future<List<@Nullable Response>>> parts = new ArrayList<>();
        places.forEach((master, indexes) -> parts.add(link(master)
                .compose(link -> link.batch(indexes.stream().map(requests::get).toList()))
                .onSuccess(part -> {
                    for (int i = 0; i < indexes.size(); i++) {
                        answers[indexes.get(i)] = part.get(i);
                    }
                })));
        return all(parts).map(done -> Arrays.asList(answers));
    }

    /** All have ended before a failure is told; one of the connection goes before one of a call. */
    private static <T extends @Nullable Object> Future<List<T>> all(List<Future<T>> calls) {
        return Future.join(calls)
                .map(done -> calls.stream().map(Future::result).toList())
                .recover(first -> Future.failedFuture(calls.stream()
                        .filter(Future::failed)
                        .map(Future::cause)
                        .filter(HeraldException.class::isInstance)
                        .findFirst()
                        .orElse(first)));
    }

    /** A slot is being moved, and these keys are there already. */
    private Future<@Nullable Response> ask(Redirect redirect, Request request) {
        return link(url.data(redirect.server()))
                .compose(link -> link.batch(List.of(Request.cmd(Command.ASKING), request)))
                .map(answers -> answers.get(1));
    }

    /** Whoever is said to have the slot knows the newest map. */
    private Future<Void> remap(Redirect redirect) {
        Future<Void> underWay = remapping;
        if (underWay != null) {
            return underWay;
        }
        String master = url.data(redirect.server());
        ServerLink link = links.get(master);
        if (link == null) {
            return change();
        }
        Future<Void> done = slots(link, url, master).compose(this::adopt);
        remapping = done;
        return done.onComplete(ended -> remapping = null);
    }

    private Future<Void> adopt(Slots found) {
        if (!links.keySet().containsAll(found.masters())) {
            return change();
        }
        slots = found;
        return Future.succeededFuture();
    }

    private Future<Void> change() {
        log.warn("the redis cluster has another master, connecting anew");
        cut();
        return Future.failedFuture(unavailable("the Redis cluster has changed"));
    }

    private static <T extends @Nullable Object> Future<T> moving(Throwable cause) {
        return Future.failedFuture(
                Redirect.of(cause) == null ? cause : unavailable("slots of the Redis cluster are on the move"));
    }

    private static HeraldException unavailable(String text) {
        return new HeraldException(Failure.UNAVAILABLE, text);
    }
}
