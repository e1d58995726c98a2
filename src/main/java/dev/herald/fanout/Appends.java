package dev.herald.fanout;

import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appends a command to the inboxes of a page of users: a repeat leaves one entry. Pages take turns, batch by batch. */
final class Appends {
    private static final Logger log = LoggerFactory.getLogger(Appends.class);

    private static final RedisScript APPEND = RedisScript.load("inbox-append");
    private static final int BATCH = 128;
    private static final int BATCHES_IN_FLIGHT = 8;

    /** Redis calls that this may have in flight. */
    static final int MAX_IN_FLIGHT = BATCH * BATCHES_IN_FLIGHT;

    private final RedisGateway redis;
    private final Duration lease;
    private final Turns turns = new Turns(BATCHES_IN_FLIGHT);

    Appends(RedisGateway redis, Duration lease) {
        this.redis = redis;
        this.lease = lease;
    }

    boolean arePossible() {
        return redis.isConnected();
    }

    /** The places of the command in the inboxes of those users who have sessions, by the incarnation of their node. */
    Future<Map<Long, List<Place>>> append(Claim claim) {
        Map<Long, List<Place>> places = new HashMap<>();
        List<Future<Void>> batches = new ArrayList<>();
        for (int from = 0; from < claim.page().size(); from += BATCH) {
            List<String> uids = claim.page()
                    .subList(from, Math.min(from + BATCH, claim.page().size()));
            batches.add(turns.take(() -> batch(claim, uids, places)));
        }
        return Future.join(batches).map(places);
    }

    private Future<Void> batch(Claim claim, List<String> uids, Map<Long, List<Place>> places) {
        if (!claim.isHeld(lease)) {
            return Future.failedFuture(
                    new HeraldException(Failure.TIMEOUT, "the lease ran out before the page was written"));
        }
        return redis.evalEach(APPEND, uids.stream().map(Appends::keys).toList(), claim.id(), Inboxes.LOOK_BACK)
                .onSuccess(replies -> {
                    for (int i = 0; i < uids.size(); i++) {
                        place(uids.get(i), replies.get(i), places);
                    }
                })
                .<Void>mapEmpty()
                .recover(cause ->
                        cause instanceof HeraldException ? Future.failedFuture(cause) : oneByOne(claim, uids, places));
    }

    /** A batch fails as a whole, so the healthy inboxes beside a broken one are written here. */
    private Future<Void> oneByOne(Claim claim, List<String> uids, Map<Long, List<Place>> places) {
        return Future.join(uids.stream().map(uid -> one(claim, uid, places)).toList())
                .mapEmpty();
    }

    private Future<Void> one(Claim claim, String uid, Map<Long, List<Place>> places) {
        return redis.eval(APPEND, keys(uid), claim.id(), Inboxes.LOOK_BACK)
                .onSuccess(reply -> place(uid, reply, places))
                .<Void>mapEmpty()
                .recover(cause -> {
                    if (!String.valueOf(cause.getMessage()).contains("WRONGTYPE")) {
                        return Future.failedFuture(cause);
                    }
                    log.error("inbox of uid={} holds foreign data, command={} is lost to it", uid, claim.id(), cause);
                    return Future.succeededFuture();
                });
    }

    private static void place(String uid, @Nullable Response reply, Map<Long, List<Place>> places) {
        for (int i = 1; reply != null && i < reply.size(); i++) {
            places.computeIfAbsent(Inboxes.number(reply.get(i)), incarnation -> new ArrayList<>())
                    .add(new Place(uid, Inboxes.number(reply.get(0))));
        }
    }

    private static List<String> keys(String uid) {
        return List.of(UserKeys.inbox(uid), UserKeys.cursors(uid), UserKeys.sessions(uid));
    }
}
