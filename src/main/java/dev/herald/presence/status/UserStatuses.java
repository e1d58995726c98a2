package dev.herald.presence.status;

import dev.herald.bus.message.PresenceMessage.OnDevice;
import dev.herald.bus.message.PresenceMessage.Status;
import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.bus.message.PresenceMessage.UserStates;
import dev.herald.lifecycle.Portions;
import dev.herald.presence.node.InTime;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.registry.SessionRow;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.PresenceLog.Standing;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisGateway.ScriptRun;
import dev.herald.redis.RedisScript;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How users stand: online or not as events have told it, so that whoever applies events by version ends with the same
 * answer; with which devices, as the registry knows it at this moment.
 */
public final class UserStatuses {
    private static final RedisScript NOTE = RedisScript.load("active-note");

    /** So that questions find room beside them. */
    private static final int NOTES_AT_ONCE = 500;

    private final RedisGateway redis;
    private final SqlClient statements;
    private final Duration activeWithin;

    /** @param activeWithin how long a user stays active after doing something */
    public UserStatuses(RedisGateway redis, SqlClient statements, Duration activeWithin) {
        this.redis = redis;
        this.statements = statements;
        this.activeWithin = activeWithin;
    }

    /** In the order of the uids. */
    public Future<List<Status>> of(List<String> uids) {
        Future<Map<String, Standing>> told = PresenceLog.standings(statements, uids);
        Future<List<@Nullable Response>> sessions = uids.isEmpty()
                ? Future.succeededFuture(List.of())
                : redis.sendAll(uids.stream()
                        .map(uid -> Request.cmd(Command.HVALS).arg(UserKeys.sessions(uid)))
                        .toList());
        Future<List<@Nullable Response>> active = active(uids);
        return InTime.of(Future.all(told, sessions, active))
                .map(done -> statuses(uids, told.result(), sessions.result(), active.result()))
                .recover(cause -> Future.failedFuture(SessionRegistry.unavailable(cause)));
    }

    /** The same with when they were last active; as long as Redis does not say it, nobody is. */
    public Future<UserStates> withActivity(UserStates states) {
        List<String> online = states.users().stream()
                .filter(UserState::online)
                .map(UserState::uid)
                .toList();
        return InTime.of(active(online))
                .map(answers -> {
                    Map<String, Long> activeMs = new HashMap<>();
                    for (int i = 0; i < online.size(); i++) {
                        activeMs.put(online.get(i), ms(answers.get(i)));
                    }
                    return new UserStates(states.users().stream()
                            .map(user -> user.activeAt(activeMs.getOrDefault(user.uid(), 0L)))
                            .toList());
                })
                .otherwise(states);
    }

    /**
     * Notes when the users were last active, which only moves forward.
     *
     * @param lastMs no later than {@code nowMs}
     */
    public Future<Void> touch(Map<String, Long> lastMs, long nowMs) {
        List<ScriptRun> notes = new ArrayList<>(lastMs.size());
        lastMs.forEach((uid, at) -> {
            long left = at + activeWithin.toMillis() - nowMs;
            if (left > 0) {
                notes.add(new ScriptRun(List.of(UserKeys.active(uid)), List.of(at, left)));
            }
        });
        return Portions.inTurn(notes, NOTES_AT_ONCE, some -> redis.evalEach(NOTE, some));
    }

    private Future<List<@Nullable Response>> active(List<String> uids) {
        return redis.values(uids.stream().map(UserKeys::active).toList());
    }

    private static List<Status> statuses(
            List<String> uids,
            Map<String, Standing> told,
            List<@Nullable Response> sessions,
            List<@Nullable Response> active) {
        List<Status> statuses = new ArrayList<>(uids.size());
        for (int i = 0; i < uids.size(); i++) {
            String uid = uids.get(i);
            statuses.add(status(uid, told.get(uid), ms(active.get(i)), devices(sessions.get(i))));
        }
        return statuses;
    }

    private static Status status(String uid, @Nullable Standing told, long activeMs, List<OnDevice> devices) {
        return told == null
                ? new Status(uid, false, 0, 0, 0, devices)
                : new Status(uid, told.online(), told.version(), told.sinceMs(), told.online() ? activeMs : 0, devices);
    }

    private static long ms(@Nullable Response active) {
        return active == null ? 0 : Long.parseLong(active.toString());
    }

    private static List<OnDevice> devices(@Nullable Response sessions) {
        if (sessions == null || sessions.size() == 0) {
            return List.of();
        }
        if (sessions.size() == 1) {
            SessionRow only = SessionRow.parse(sessions.get(0).toString());
            return List.of(new OnDevice(only.deviceFlag(), 1, List.of(only.incarnation())));
        }
        Map<Integer, List<Long>> nodes = new TreeMap<>();
        for (Response session : sessions) {
            SessionRow row = SessionRow.parse(session.toString());
            nodes.computeIfAbsent(row.deviceFlag(), flag -> new ArrayList<>(1)).add(row.incarnation());
        }
        return nodes.entrySet().stream()
                .map(flag -> new OnDevice(
                        flag.getKey(), flag.getValue().size(), List.copyOf(new TreeSet<>(flag.getValue()))))
                .toList();
    }
}
