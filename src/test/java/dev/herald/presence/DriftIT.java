package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.eventlog.EventSchemas;
import dev.herald.eventlog.EventType;
import dev.herald.it.Nodes;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.redis.UserKeys;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fifty faults of each kind, put into Redis, PostgreSQL and the sockets behind everybody's back. */
@Tag("redis-cluster")
@Timeout(120)
class DriftIT {
    private static final int EACH = 50;

    /** A session of a node that nobody knows. */
    private static final long GONE = 77L << 32;

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** Were told offline, and then a session of a dead node is there again. */
    private static final List<String> LEFT = uids("left");

    /** The same with a session of a node that lives, and neither has its socket nor the user on its list. */
    private static final List<String> FORGOTTEN = uids("forgotten");

    /** Came to a node that died before it told anybody, with its list of users. */
    private static final List<String> UNHEARD = uids("unheard");

    private static final Map<String, String> SETTINGS = Map.of(
            "presence.lease", "PT3S",
            "presence.reconcile-interval", "PT6S",
            "presence.drift-alarm", "100",
            "presence.tiers.priority.interval", "PT3S");

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private final Nodes nodes = Nodes.start(2);
    private final PresenceNode a = new PresenceNode(nodes, 1, redis, pg, SETTINGS).withSockets();
    private final PresenceNode b = new PresenceNode(nodes, 2, redis, pg, SETTINGS).withSockets();
    private final Sql sql = new Sql(a.pg.statements());
    private final Map<String, SessionInfo> sessions = new HashMap<>();

    @AfterEach
    void stop() {
        a.close();
        b.close();
        nodes.close();
    }

    @Test
    void faults_of_every_kind_are_mended_counted_and_told_within_one_walk_of_each_kind() {
        Map<Kind, BiConsumer<String, SessionInfo>> faults = faults();
        assertThat(faults.keySet()).containsExactlyInAnyOrder(Kind.values());
        faults.keySet().forEach(kind -> uids(kind).forEach(uid -> sessions.put(uid, a.open(uid, APP))));
        LEFT.forEach(uid -> sessions.put(uid, a.open(uid, APP)));
        FORGOTTEN.forEach(uid -> sessions.put(uid, b.open(uid, APP)));
        long expected = (long) EACH * (faults.size() + 2);
        await().until(() ->
                sql.value("select count(*) from user_presence where online").equals(Long.toString(expected)));
        leaveThose(Kind.UNENDED_DEVICE, Kind.OVERDUE_HOLD, Kind.TOLD_ONLINE);
        leave(a, LEFT);
        leave(b, FORGOTTEN);
        faults.forEach((kind, fault) -> uids(kind).forEach(uid -> fault.accept(uid, sessions.get(uid))));
        long untouched = events(LEFT) + events(FORGOTTEN);
        LEFT.forEach(uid -> putBack(uid, GONE, "77.1", 5));
        FORGOTTEN.forEach(uid -> putBack(uid, sessions.get(uid).id(), "2.1", 5));
        UNHEARD.forEach(this::putUnheard);

        awaitWholeWalks();
        assertThat(counted()).isEqualTo(all());
        await().untilAsserted(
                        () -> Stream.of(LEFT, FORGOTTEN, UNHEARD).forEach(uids -> uids.forEach(this::assertAgreed)));
        await().untilAsserted(() -> faults.keySet().forEach(kind -> uids(kind).forEach(this::assertAgreed)));
        await().untilAsserted(() -> assertThat(recorded()).isEqualTo(all()));
        assertThat(events(LEFT) + events(FORGOTTEN)).isEqualTo(untouched);
        assertThat(a.told(UNHEARD.getFirst())).containsExactly("0 on connect 1/1", "0 off node_lost 0/0");
        assertThat(sql.value("select count(*) from presence_drift where repair = '' or node not in (1, 2)"))
                .isEqualTo("0");
        assertAlarm();
        assertThat(recorded()).isEqualTo(all());
        assertThat(counted()).isEqualTo(all());
    }

    /**
     * Every walk that begins after now has ended once, and so has the second look at what it found. What is under way now
     * does not count: so it is the second one to end.
     */
    private void awaitWholeWalks() {
        List<BooleanSupplier> walks = List.of(
                ended(2, "own-users", a),
                ended(2, "own-users", b),
                ended(2, "all-users", a, b),
                ended(2, "registry", a, b),
                // A socket that is not there is missed by two of them.
                ended(3, "roll-call", a));
        await().atMost(PATIENCE).until(() -> walks.stream().allMatch(BooleanSupplier::getAsBoolean));
        // One is under way, and one may follow it at once and be too early for what was found last.
        List<BooleanSupplier> looks = List.of(ended(4, "second-look", a), ended(4, "second-look", b));
        await().atMost(PATIENCE).until(() -> looks.stream().allMatch(BooleanSupplier::getAsBoolean));
    }

    private static BooleanSupplier ended(int times, String walk, PresenceNode... nodes) {
        DoubleSupplier now = () -> Stream.of(nodes)
                .mapToDouble(node -> node.counted("herald.presence.walks", "walk", walk))
                .sum();
        double before = now.getAsDouble();
        return () -> now.getAsDouble() >= before + times;
    }

    /** What is done to the user's session, by the kind of difference that it makes. */
    private Map<Kind, BiConsumer<String, SessionInfo>> faults() {
        Map<Kind, BiConsumer<String, SessionInfo>> faults = new TreeMap<>();
        long past = System.currentTimeMillis() - 60_000;
        faults.put(Kind.MISSING_SESSION, (uid, session) -> a.redis(Command.HDEL, UserKeys.sessions(uid), session.id()));
        faults.put(Kind.GHOST_SESSION, (uid, session) -> {
            if (uid.hashCode() % 2 == 0) {
                a.sockets.remove(session.id());
            } else {
                a.redis(Command.HSET, UserKeys.sessions(uid), session.id() + 1_000_000, "0 0 1.1 gone");
            }
        });
        faults.put(
                Kind.MISPLACED_SESSION,
                (uid, session) -> a.redis(Command.HSET, UserKeys.sessions(uid), session.id(), "0 0 2.1 d"));
        faults.put(
                Kind.ORPHAN_SESSION,
                (uid, session) -> a.redis(Command.HSET, UserKeys.sessions(uid), GONE, "0 0 77.1 gone"));
        faults.put(Kind.UNANNOUNCED_DEVICE, (uid, session) -> a.redis(Command.HDEL, UserKeys.presence(uid), "0"));
        faults.put(Kind.UNENDED_DEVICE, (uid, session) -> {
            a.redis(Command.HSET, UserKeys.presence(uid), "0", "9 0 0 0 0 1.1 -");
            sql.run("update user_presence set online = true, devices = '{\"0\": 1}' where uid = '" + uid + "'");
        });
        faults.put(Kind.OVERDUE_HOLD, (uid, session) -> {
            a.redis(Command.HSET, UserKeys.presence(uid), "0", "9 %1$d %1$d %1$d %1$d 1.1 close".formatted(past));
            sql.run("update user_presence set online = true, devices = '{\"0\": 1}' where uid = '" + uid + "'");
        });
        faults.put(
                Kind.UNRECORDED_EDGE,
                (uid, session) -> a.redis(
                        Command.ZADD,
                        UserKeys.edges(uid),
                        past,
                        "%1$d:1:3:9:1.1:connect:%1$d:%1$d:3=1".formatted(past)));
        faults.put(
                Kind.TOLD_ONLINE,
                (uid, session) -> sql.run(
                        "update user_presence set online = true, devices = '{\"0\": 1}' where uid = '" + uid + "'"));
        faults.put(
                Kind.UNTOLD_ONLINE,
                (uid, session) ->
                        sql.run("update user_presence set online = false, devices = '{}' where uid = '" + uid + "'"));
        faults.put(
                Kind.OLD_VERSION,
                (uid, session) -> sql.run("update user_presence set seen = seen + 3600000 where uid = '" + uid + "'"));
        faults.put(Kind.UNLISTED_USER, (uid, session) -> a.redis(Command.SREM, NodeKeys.users("1.1"), uid));
        return faults;
    }

    private void leaveThose(Kind... kinds) {
        for (Kind kind : kinds) {
            leave(a, uids(kind));
        }
    }

    private void leave(PresenceNode node, List<String> uids) {
        uids.forEach(uid -> node.end(sessions.get(uid)));
        uids.forEach(uid -> await().until(() -> !b.stands(uid).online()));
    }

    /** As a replica has it that did not get the last second of a master: nobody's list leads there. */
    private void putBack(String uid, long session, String node, long version) {
        a.redis(Command.HSET, UserKeys.sessions(uid), session, "0 0 " + node + " gone");
        a.redis(Command.HSET, UserKeys.presence(uid), "version", version, "0", session + " 0 0 0 0 " + node + " -");
    }

    /** Its edge is not overdue, however long the walks take. */
    private void putUnheard(String uid) {
        long later = System.currentTimeMillis() + 3_600_000;
        putBack(uid, GONE, "77.1", later);
        a.redis(
                Command.ZADD,
                UserKeys.edges(uid),
                later,
                "%1$d:1:0:%2$d:77.1:connect:%1$d:%1$d:0=1".formatted(later, GONE));
    }

    private long events(List<String> uids) {
        return Long.parseLong(sql.value("select count(*) from event where key = any($1)", (Object)
                uids.stream().map(uid -> "u:" + uid).toArray(String[]::new)));
    }

    private void assertAgreed(String uid) {
        long live = a.sockets.values().stream()
                .filter(session -> session.uid().equals(uid))
                .count();
        assertThat(a.online(uid)).as(uid).hasSize((int) live);
        assertThat(b.stands(uid).online()).as(uid).isEqualTo(live > 0);
        assertThat(b.stands(uid).devices().keySet()).as(uid).hasSize((int) live);
        assertThat(a.redis(Command.SISMEMBER, NodeKeys.users("1.1"), uid).toInteger())
                .as(uid)
                .isEqualTo((int) live);
        assertThat(a.redis(Command.EXISTS, UserKeys.edges(uid)).toInteger())
                .as(uid)
                .isZero();
    }

    private void assertAlarm() {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        sql.rows("select data->>'state' from event where type = 'presence.drift' order by txid, id"))
                .containsExactly("raised", "cleared"));
        List<JsonObject> alarms =
                sql.rows("select data::text from event where type = 'presence.drift' order by txid, id").stream()
                        .map(JsonObject::new)
                        .toList();
        alarms.forEach(alarm -> EventSchemas.assertDescribed(EventType.PRESENCE_DRIFT, alarm));
        JsonObject raised = alarms.getFirst();
        assertThat(raised.getInteger("found")).isGreaterThanOrEqualTo(raised.getInteger("threshold"));
        assertThat(raised.getJsonObject("kinds").isEmpty()).isFalse();
    }

    private Map<String, Long> counted() {
        Map<String, Long> counted = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            double times = a.counted("herald.presence.drift", "kind", kind.word())
                    + b.counted("herald.presence.drift", "kind", kind.word());
            counted.put(kind.word(), Math.round(times));
        }
        return counted;
    }

    private Map<String, Long> recorded() {
        Map<String, Long> recorded = new TreeMap<>();
        sql.rows("select kind, count(*) from presence_drift group by kind").forEach(row -> {
            int space = row.indexOf(' ');
            recorded.put(row.substring(0, space), Long.valueOf(row.substring(space + 1)));
        });
        return recorded;
    }

    private static Map<String, Long> all() {
        Map<String, Long> all = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            all.put(kind.word(), (long) EACH);
        }
        all.merge(Kind.ORPHAN_SESSION.word(), (long) LEFT.size() + UNHEARD.size(), Long::sum);
        all.merge(Kind.GHOST_SESSION.word(), (long) FORGOTTEN.size(), Long::sum);
        return all;
    }

    private static List<String> uids(Kind kind) {
        return uids(kind.word());
    }

    private static List<String> uids(String name) {
        return IntStream.range(0, EACH).mapToObj(i -> name + "-" + i).toList();
    }
}
