package dev.herald.presence.registry;

import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Portions;
import dev.herald.presence.node.InTime;
import dev.herald.presence.node.NodeLease;
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
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session registry in Redis, as one node asks it. */
public final class SessionRegistry {
    private static final Logger log = LoggerFactory.getLogger(SessionRegistry.class);

    private static final RedisScript CHANGE = RedisScript.load("session-change");
    private static final RedisScript LOOK = RedisScript.load("session-look");

    /** Users asked about at once: a long query must leave room on the connection. */
    private static final int QUERY_SLICE = 1_000;

    private static final String LOST = "this node has lost its lease, or Redis";

    private final RedisGateway redis;
    private final NodeLease lease;
    private long floor;

    public SessionRegistry(RedisGateway redis, NodeLease lease) {
        this.redis = redis;
        this.lease = lease;
    }

    /** What a caller is told of a failed call. */
    public static HeraldException unavailable(Throwable cause) {
        return cause instanceof HeraldException known
                ? known
                : new HeraldException(Failure.UNAVAILABLE, "the session registry did not answer", cause);
    }

    /** If not, what is asked now is surely not carried out; if so, a failed call may have been all the same. */
    public boolean isReady() {
        return redis.isConnected() && lease.isHeld();
    }

    /** @param version that was told once: it is exceeded by every later one, whatever Redis has lost */
    public void exceed(long version) {
        floor = Math.max(floor, version);
    }

    /**
     * An answer that comes after the lease has ended is a failure: what it tells may have been swept since.
     *
     * @param newest version of the user's newest edge that needs no telling
     */
    public Future<Outcome> apply(Change change, Grace grace, long newest) {
        if (!isReady()) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, LOST));
        }
        String node = lease.node();
        return InTime.of(redis.eval(CHANGE, keys(change.uid()), args(change, node, grace, newest)))
                .compose(answer -> node.equals(lease.node())
                        ? Future.succeededFuture(Outcome.parse(change.uid(), String.valueOf(answer)))
                        : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, LOST)));
    }

    /** @param versions by uid: up to these the edges are in the event log and need not be kept */
    public Future<Void> forgetEdges(Map<String, Long> versions) {
        List<Request> calls = new ArrayList<>(versions.size());
        versions.forEach((uid, version) -> calls.add(Request.cmd(Command.ZREMRANGEBYSCORE)
                .arg(UserKeys.edges(uid))
                .arg("-inf")
                .arg(version)));
        return InTime.of(redis.sendAll(calls)).mapEmpty();
    }

    /** What there is of each user, in their order; one who cannot be read is left out and tells so in the log. */
    public Future<List<Look>> looks(List<String> uids) {
        return together(uids)
                .recover(cause -> isReady() ? oneByOne(uids) : Future.failedFuture(cause))
                .compose(looks -> isReady()
                        ? Future.succeededFuture(looks)
                        : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, LOST)));
    }

    /** Of a user's sessions; it fails if that cannot be read. */
    public Future<Set<Long>> ids(String uid) {
        return looks(List.of(uid))
                .map(looks ->
                        looks.getFirst().sessions().stream().map(Look.Entry::id).collect(Collectors.toSet()));
    }

    private Future<List<Look>> together(List<String> uids) {
        Future<List<@Nullable Response>> answers = uids.isEmpty()
                ? Future.succeededFuture(List.of())
                : redis.evalEach(
                        LOOK, uids.stream().map(SessionRegistry::lookedAt).toList());
        return InTime.of(answers).map(all -> {
            List<Look> looks = new ArrayList<>(uids.size());
            for (int i = 0; i < uids.size(); i++) {
                looks.add(Look.parse(uids.get(i), String.valueOf(all.get(i))));
            }
            return looks;
        });
    }

    /** Finds out who it is that cannot be read. */
    private Future<List<Look>> oneByOne(List<String> uids) {
        List<Future<Look>> looks = uids.stream()
                .map(uid -> InTime.of(redis.eval(LOOK, lookedAt(uid)))
                        .map(answer -> Look.parse(uid, String.valueOf(answer)))
                        .onFailure(cause -> log.warn("uid={} cannot be looked at", uid, cause)))
                .toList();
        return Future.join(looks).otherwiseEmpty().map(all -> looks.stream()
                .filter(Future::succeeded)
                .map(Future::result)
                .toList());
    }

    private static List<String> lookedAt(String uid) {
        return List.of(UserKeys.sessions(uid), UserKeys.presence(uid), UserKeys.edges(uid));
    }

    /** One row per session, in the order of the uids, those of a user by device flag. */
    public Future<List<OnlineRow>> rows(List<String> uids) {
        List<OnlineRow> rows = new ArrayList<>();
        return Portions.inTurn(uids, QUERY_SLICE, slice -> read(slice, rows))
                .map(rows)
                .recover(cause -> Future.failedFuture(unavailable(cause)));
    }

    private List<String> keys(String uid) {
        return List.of(
                UserKeys.sessions(uid),
                UserKeys.presence(uid),
                UserKeys.edges(uid),
                UserKeys.told(uid, lease.incarnation()),
                UserKeys.gone(uid));
    }

    private Object[] args(Change change, String node, Grace grace, long newest) {
        Stream<Object> asking = Stream.of(
                node,
                lease.endsAtMs(),
                change.op(),
                newest,
                floor,
                grace.hold().toMillis(),
                grace.longest().toMillis(),
                change.reasonWord());
        return Stream.concat(asking, change.words().stream()).toArray();
    }

    private Future<Void> read(List<String> slice, List<OnlineRow> rows) {
        Future<List<@Nullable Response>> sessions = redis.sendAll(slice.stream()
                .map(uid -> Request.cmd(Command.HVALS).arg(UserKeys.sessions(uid)))
                .toList());
        return InTime.of(sessions).map(answers -> {
            for (int i = 0; i < slice.size(); i++) {
                rows.addAll(rows(slice.get(i), answers.get(i)));
            }
            return null;
        });
    }

    private static List<OnlineRow> rows(String uid, @Nullable Response sessions) {
        return sessions == null
                ? List.of()
                : sessions.stream()
                        .map(session -> SessionRow.parse(session.toString()))
                        .map(row -> new OnlineRow(uid, row.deviceFlag(), row.master()))
                        .sorted(Comparator.comparingInt(OnlineRow::deviceFlag))
                        .toList();
    }
}
