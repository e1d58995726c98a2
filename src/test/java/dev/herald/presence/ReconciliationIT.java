package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.eventlog.EventSchemas;
import dev.herald.eventlog.EventType;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.presence.Drift.Kind;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import dev.herald.redis.UserKeys;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults put into Redis, PostgreSQL and the sockets behind everybody's back. */
@Timeout(120)
class ReconciliationIT {
    private static final int EACH = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Map<String, String> SETTINGS = Map.of(
            "presence.lease", "PT3S",
            "presence.reconcile-interval", "PT6S",
            "presence.drift-alarm", "100",
            "presence.tiers.priority.interval", "PT3S");

    private static final MeterRegistry METERS = new SimpleMeterRegistry();

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private final Map<String, SessionInfo> sessions = new HashMap<>();
    private PresenceNode a;
    private PresenceNode b;
    private Sql sql;

    @BeforeAll
    static void count() {
        Metrics.addRegistry(METERS);
    }

    @AfterAll
    static void countNoMore() {
        Metrics.removeRegistry(METERS);
    }

    @BeforeEach
    void start() {
        a = node(1, Map.of());
        b = node(2, Map.of());
        sql = new Sql(a.pg.statements());
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
    }

    @Tag("redis-cluster")
    @Test
    void faults_of_every_kind_are_mended_counted_and_told() {
        Map<Kind, BiConsumer<String, SessionInfo>> faults = faults();
        assertThat(faults.keySet()).containsExactlyInAnyOrder(Kind.values());
        faults.keySet().forEach(kind -> uids(kind).forEach(uid -> sessions.put(uid, a.open(uid, APP))));
        long expected = (long) EACH * faults.size();
        await().until(() ->
                sql.value("select count(*) from user_presence where online").equals(Long.toString(expected)));
        Map<Kind, Double> before = faults.keySet().stream().collect(Collectors.toMap(kind -> kind, this::counted));
        leaveThose(Kind.UNENDED_DEVICE, Kind.OVERDUE_HOLD, Kind.TOLD_ONLINE);
        faults.forEach((kind, fault) -> uids(kind).forEach(uid -> fault.accept(uid, sessions.get(uid))));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(found()).isEqualTo(all(EACH)));
        await().untilAsserted(() -> faults.keySet().forEach(kind -> uids(kind).forEach(this::assertAgreed)));
        assertThat(sql.value("select count(*) from presence_drift where repair = '' or node not in (1, 2)"))
                .isEqualTo("0");
        assertAlarm();
        assertThat(found()).isEqualTo(all(EACH));
        faults.keySet().forEach(kind -> assertThat(counted(kind) - before.get(kind))
                .as(kind.word())
                .isEqualTo(EACH));
    }

    @Test
    void what_was_mended_stays_mended() {
        a.open("u1", APP);
        await().until(() -> a.events("u1").size() == 1);
        a.redis(Command.DEL, UserKeys.sessions("u1"));
        await().atMost(PATIENCE).until(() -> a.online("u1").size() == 1);
        await().until(() -> sql.value("select count(*) from presence_drift").equals("1"));

        await().during(Duration.ofSeconds(8)).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(sql.value("select count(*) from presence_drift")).isEqualTo("1");
            assertThat(a.told("u1")).containsExactly("0 on connect 1/1");
        });
    }

    @Test
    void priority_users_do_not_wait_for_the_others() {
        PresenceNode c = node(
                3,
                Map.of(
                        "presence.reconcile-interval", "PT1H",
                        "presence.tiers.priority.uids", "vip",
                        "presence.tiers.priority.interval", "PT2S"));
        a.close();
        b.close();
        c.open("vip", APP);
        c.open("other", APP);
        await().until(() -> c.events("other").size() == 1);
        c.redis(Command.DEL, UserKeys.sessions("vip"));
        c.redis(Command.DEL, UserKeys.sessions("other"));

        await().until(() -> c.online("vip").size() == 1);
        assertThat(c.online("other")).isEmpty();
        a = c;
        b = node(4, Map.of());
    }

    @Test
    void a_walk_whose_node_dies_is_gone_on_with() {
        sql.run("update presence_pass set holder = '99.1', held_until = now() + interval '2 seconds', "
                + "started_at = now(), after = 'm' where name = 'users'");
        List.of("a", "z").forEach(uid -> a.end(a.open(uid, APP)));
        await().untilAsserted(() -> assertThat(a.told("z")).hasSize(2));
        sql.run("update user_presence set online = true, devices = '{\"0\": 1}'");

        await().atMost(PATIENCE).until(() -> !told("z").online());
        assertThat(sql.rows("select uid from presence_drift order by id").getFirst())
                .isEqualTo("z");
        await().atMost(PATIENCE).until(() -> !told("a").online());
    }

    @Test
    void nobody_is_told_offline_while_nodes_register_what_they_have() {
        a.open("u1", APP);
        await().until(() -> a.events("u1").size() == 1);
        a.redis(Command.SADD, NodeKeys.NODES, "5.1");
        a.redis(Command.SET, NodeKeys.lease("5.1"), "restoring", "PX", "9000");
        a.redis(Command.DEL, UserKeys.presence("u2"), UserKeys.sessions("u2"));
        sql.run("insert into user_presence (uid, online, version, seen, since, reason, node, devices) "
                + "values ('u2', true, 5, 5, now(), 'connect', 5, '{\"0\": 1}')");

        await().during(Duration.ofSeconds(7)).atMost(Duration.ofSeconds(9)).until(() -> told("u2")
                .online());
        await().atMost(PATIENCE).until(() -> !told("u2").online());
        assertThat(b.told("u2")).containsExactly("0 off reconciled 0/0");
    }

    @Test
    void a_roll_call_that_not_all_sockets_answer_ends_nobody() {
        SessionInfo session = a.open("u1", APP);
        a.socketsAnswer = false;
        a.sockets.remove(session.id());
        double before = unanswered();
        await().atMost(PATIENCE).until(() -> unanswered() >= before + 5);
        assertThat(a.online("u1")).hasSize(1);

        a.socketsAnswer = true;
        await().until(() -> a.online("u1").isEmpty());
    }

    @Test
    void what_could_not_be_recorded_is_recorded_later() {
        SessionInfo session = a.open("u1", APP);
        await().until(() -> a.events("u1").size() == 1);
        sql.run("alter table presence_drift rename to away");
        double before = counted(Kind.MISSING_SESSION);
        a.redis(Command.DEL, UserKeys.sessions("u1"));
        await().atMost(PATIENCE).until(() -> counted(Kind.MISSING_SESSION) > before);
        sql.run("alter table away rename to presence_drift");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(sql.rows("select kind, uid, detail from presence_drift"))
                        .containsExactly("missing_session u1 session " + session.id()));
    }

    private static double unanswered() {
        return METERS.get("herald.presence.rollcalls.unanswered").counter().count();
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
                (uid, session) -> a.redis(Command.HSET, UserKeys.sessions(uid), 77L << 32, "0 0 77.1 gone"));
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
            uids(kind).forEach(uid -> a.end(sessions.get(uid)));
            uids(kind).forEach(uid -> await().until(() -> !told(uid).online()));
        }
    }

    private void assertAgreed(String uid) {
        long live = a.sockets.values().stream()
                .filter(session -> session.uid().equals(uid))
                .count();
        assertThat(a.online(uid)).as(uid).hasSize((int) live);
        assertThat(told(uid).online()).as(uid).isEqualTo(live > 0);
        assertThat(told(uid).devices().keySet()).as(uid).hasSize((int) live);
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

    private double counted(Kind kind) {
        return METERS.get("herald.presence.drift")
                .tag("kind", kind.word())
                .counter()
                .count();
    }

    /** Every fault once, whoever found it, however often. */
    private Map<String, Long> found() {
        Map<String, Long> found = new TreeMap<>();
        sql.rows("select kind, count(*) from presence_drift group by kind").forEach(row -> {
            int space = row.indexOf(' ');
            found.put(row.substring(0, space), Long.valueOf(row.substring(space + 1)));
        });
        return found;
    }

    private static Map<String, Long> all(long count) {
        Map<String, Long> all = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            all.put(kind.word(), count);
        }
        return all;
    }

    private static List<String> uids(Kind kind) {
        return IntStream.range(0, EACH).mapToObj(i -> kind.word() + "-" + i).toList();
    }

    private UserPresence told(String uid) {
        return now(PresenceLog.find(b.pg.statements(), List.of(uid))).getFirst();
    }

    private PresenceNode node(long incarnation, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(SETTINGS);
        all.putAll(settings);
        return new PresenceNode(incarnation, redis, redis, pg, all).withSockets();
    }
}
