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
import java.util.Comparator;
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

    private static final String LOST = "this node has lost its lease, or Redis";

    private final RedisGateway redis;
    private final NodeLease lease;

    SessionRegistry(RedisGateway redis, NodeLease lease) {
        this.redis = redis;
        this.lease = lease;
    }

    /** What a caller is told of a failed call. */
    static HeraldException unavailable(Throwable cause) {
        return cause instanceof HeraldException known
                ? known
                : new HeraldException(Failure.UNAVAILABLE, "the session registry did not answer", cause);
    }

    /** If not, what is asked now is surely not carried out; if so, a failed call may have been all the same. */
    boolean isReady() {
        return redis.isConnected() && lease.isHeld();
    }

    /**
     * An answer that comes after the lease has ended is a failure: what it tells may have been swept since.
     *
     * @param newest version of the user's newest edge that needs no telling
     */
    Future<Outcome> apply(Change change, long newest) {
        if (!isReady()) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, LOST));
        }
        String node = lease.node();
        long leaseEndsAtMs = lease.endsAtMs();
        Future<Void> listed = change.listed() ? enter(node, change.uid()) : Future.succeededFuture();
        return listed.compose(done ->
                        bounded(redis.eval(CHANGE, keys(change.uid()), args(change, node, leaseEndsAtMs, newest))))
                .compose(answer -> node.equals(lease.node())
                        ? Future.succeededFuture(Outcome.parse(change.uid(), String.valueOf(answer)))
                        : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, LOST)));
    }

    /** Takes the user off this node's list, when nothing of the user is left here. */
    Future<Void> leave(String uid) {
        return leave(lease.node(), uid);
    }

    /** Takes the user off the list of a node that may be dead. */
    Future<Void> leave(String node, String uid) {
        return bounded(redis.send(
                        Request.cmd(Command.SREM).arg(NodeKeys.users(node)).arg(uid)))
                .mapEmpty();
    }

    /** One row per session, in the order of the uids, those of a user by device flag. */
    Future<List<OnlineRow>> rows(List<String> uids) {
        return rows(uids, 0, new ArrayList<>()).recover(cause -> Future.failedFuture(unavailable(cause)));
    }

    /** Puts the user on the node's list; done before anything is changed, so that the list is never short. */
    private Future<Void> enter(String node, String uid) {
        return bounded(redis.send(
                        Request.cmd(Command.SADD).arg(NodeKeys.users(node)).arg(uid)))
                .mapEmpty();
    }

    private List<String> keys(String uid) {
        return List.of(
                UserKeys.sessions(uid),
                UserKeys.presence(uid),
                UserKeys.edges(uid),
                UserKeys.told(uid, lease.incarnation()));
    }

    private static Object[] args(Change change, String node, long leaseEndsAtMs, long newest) {
        Stream<Object> asking = Stream.of(node, leaseEndsAtMs, change.op(), change.reasonWord(), newest);
        return Stream.concat(asking, change.words().stream()).toArray();
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
                                .map(session -> row(uid, session))
                                .sorted(Comparator.comparingInt(OnlineRow::deviceFlag))
                                .toList());
    }

    private static OnlineRow row(String uid, Response session) {
        String[] words = session.toString().split(" ", 3);
        return new OnlineRow(uid, Integer.parseInt(words[0]), words[1].equals("1"));
    }

    private static Future<@Nullable Response> bounded(Future<@Nullable Response> call) {
        return call.timeout(DEADLINE_MS, TimeUnit.MILLISECONDS);
    }
}
