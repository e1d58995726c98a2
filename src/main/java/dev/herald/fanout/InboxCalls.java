package dev.herald.fanout;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs scripts on users' inboxes; one of which something may be lost is rebuilt first. */
final class InboxCalls {
    private static final Logger log = LoggerFactory.getLogger(InboxCalls.class);

    private static final int ROUNDS = 4;

    private final RedisGateway redis;
    private final Epoch epoch;
    private final Rebuilds rebuilds;

    InboxCalls(RedisGateway redis, Epoch epoch, Rebuilds rebuilds) {
        this.redis = redis;
        this.epoch = epoch;
        this.rebuilds = rebuilds;
    }

    static RedisScript load(String name) {
        return RedisScript.load(name, "inbox-common");
    }

    static List<String> keys(String uid) {
        return List.of(UserKeys.inbox(uid), UserKeys.cursors(uid), UserKeys.sessions(uid));
    }

    boolean arePossible() {
        return redis.isConnected();
    }

    /** @param args the script's, without the epoch that comes first */
    Future<@Nullable Response> eval(RedisScript script, String uid, Object... args) {
        return eval(ROUNDS, script, uid, args);
    }

    /**
     * Runs the script for each of these users in one write.
     *
     * @return the answers in the users' order; a user whose keys hold foreign data has none
     */
    Future<Map<String, Response>> evalEach(RedisScript script, List<String> uids, Object... args) {
        return evalEach(ROUNDS, script, uids, args);
    }

    private Future<@Nullable Response> eval(int rounds, RedisScript script, String uid, Object... args) {
        return redis.eval(script, keys(uid), withEpoch(args)).compose(reply -> {
            if (!isStale(reply)) {
                return Future.succeededFuture(reply);
            }
            return rounds == 0
                    ? Future.failedFuture(moving())
                    : rebuilds.rebuild(uid).compose(rebuilt -> eval(rounds - 1, script, uid, args));
        });
    }

    private Future<Map<String, Response>> evalEach(int rounds, RedisScript script, List<String> uids, Object... args) {
        return redis.evalEach(script, uids.stream().map(InboxCalls::keys).toList(), withEpoch(args))
                .compose(replies -> answers(rounds, script, uids, replies, args))
                .recover(cause ->
                        cause instanceof HeraldException ? Future.failedFuture(cause) : oneByOne(script, uids, args));
    }

    private Future<Map<String, Response>> answers(
            int rounds, RedisScript script, List<String> uids, List<@Nullable Response> replies, Object... args) {
        Map<String, Response> answers = new LinkedHashMap<>();
        List<String> stale = new ArrayList<>();
        for (int i = 0; i < uids.size(); i++) {
            Response reply = replies.get(i);
            if (isStale(reply)) {
                stale.add(uids.get(i));
            } else if (reply != null) {
                answers.put(uids.get(i), reply);
            }
        }
        if (stale.isEmpty()) {
            return Future.succeededFuture(answers);
        }
        if (rounds == 0) {
            return Future.failedFuture(moving());
        }
        return Future.join(stale.stream().map(rebuilds::rebuild).toList())
                .compose(rebuilt -> evalEach(rounds - 1, script, stale, args))
                .map(late -> {
                    answers.putAll(late);
                    return answers;
                });
    }

    /** A batch fails as a whole, so the healthy inboxes beside a broken one are served here. */
    private Future<Map<String, Response>> oneByOne(RedisScript script, List<String> uids, Object... args) {
        Map<String, Response> answers = new LinkedHashMap<>();
        return Future.join(uids.stream()
                        .map(uid -> eval(script, uid, args)
                                .onSuccess(reply -> answers.put(uid, reply))
                                .recover(cause -> {
                                    if (!String.valueOf(cause.getMessage()).contains("WRONGTYPE")) {
                                        return Future.failedFuture(cause);
                                    }
                                    log.error(
                                            "uid={} holds foreign data, script={} skips it", uid, script.name(), cause);
                                    return Future.succeededFuture();
                                }))
                        .toList())
                .map(answers);
    }

    private Object[] withEpoch(Object... args) {
        Object[] all = new Object[args.length + 1];
        all[0] = epoch.number();
        System.arraycopy(args, 0, all, 1, args.length);
        return all;
    }

    private static boolean isStale(@Nullable Response reply) {
        return reply != null && reply.type() != ResponseType.MULTI && "STALE".equals(reply.toString());
    }

    private static HeraldException moving() {
        return new HeraldException(Failure.UNAVAILABLE, "Redis loses its data again and again");
    }
}
