package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The session registry in Redis, as one node asks it. */
final class SessionRegistry {
    private static final RedisScript CHANGE = RedisScript.load("session-change");
    private static final long DEADLINE_MS = 3_000;

    /** Users asked about at once: a long query must leave room on the connection. */
    private static final int QUERY_SLICE = 1_000;

    private final RedisGateway redis;
    private final long incarnation;

    SessionRegistry(RedisGateway redis, long incarnation) {
        this.redis = redis;
        this.incarnation = incarnation;
    }

    /** What a caller is told of a failed call. */
    static HeraldException unavailable(Throwable cause) {
        return cause instanceof HeraldException known
                ? known
                : new HeraldException(Failure.UNAVAILABLE, "the session registry did not answer", cause);
    }

    /** If not, what is asked now is surely not carried out; if so, a failed call may have been all the same. */
    boolean isConnected() {
        return redis.isConnected();
    }

    Future<Outcome> apply(Change change) {
        List<String> keys = List.of(UserKeys.sessions(change.uid()), UserKeys.presence(change.uid()));
        Object[] args = Stream.concat(Stream.of(incarnation, change.op()), change.args().stream())
                .toArray();
        return bounded(redis.eval(CHANGE, keys, args)).map(answer -> Outcome.parse(String.valueOf(answer)));
    }

    /** Puts the user on the node's list; done before a session is opened, so that the list is never short. */
    Future<Void> enter(String uid) {
        return bounded(redis.send(Request.cmd(Command.SADD)
                        .arg(NodeKeys.users(incarnation))
                        .arg(uid)))
                .mapEmpty();
    }

    /** Takes the user off a node's list, when no session of that node is left. */
    Future<Void> leave(long node, String uid) {
        return bounded(redis.send(
                        Request.cmd(Command.SREM).arg(NodeKeys.users(node)).arg(uid)))
                .mapEmpty();
    }

    /** One row per session, in the order of the uids, those of a user by device flag. */
    Future<List<OnlineRow>> rows(List<String> uids) {
        return rows(uids, 0, new ArrayList<>()).recover(cause -> Future.failedFuture(unavailable(cause)));
    }

    private Future<List<OnlineRow>> rows(List<String> uids, int from, List<OnlineRow> rows) {
        if (from >= uids.size()) {
            return Future.succeededFuture(rows);
        }
        int to = Math.min(uids.size(), from + QUERY_SLICE);
        List<Future<List<OnlineRow>>> slice =
                uids.subList(from, to).stream().map(this::rowsOf).toList();
        return Future.all(slice).compose(done -> {
            slice.forEach(user -> rows.addAll(user.result()));
            return rows(uids, to, rows);
        });
    }

    private Future<List<OnlineRow>> rowsOf(String uid) {
        return bounded(redis.send(Request.cmd(Command.HVALS).arg(UserKeys.sessions(uid))))
                .map(sessions -> sessions == null
                        ? List.<OnlineRow>of()
                        : sessions.stream()
                                .map(SessionRegistry::flagOf)
                                .sorted()
                                .map(flag -> new OnlineRow(uid, flag))
                                .toList());
    }

    private static int flagOf(Response session) {
        String text = session.toString();
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    private static Future<@Nullable Response> bounded(Future<@Nullable Response> call) {
        return call.timeout(DEADLINE_MS, TimeUnit.MILLISECONDS);
    }
}
