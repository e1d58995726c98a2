package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults put into Redis, PostgreSQL and the sockets behind everybody's back. */
@Timeout(120)
class ReconciliationIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Map<String, String> SETTINGS = Map.of(
            "presence.lease", "PT3S",
            "presence.reconcile-interval", "PT4S",
            "presence.tiers.priority.interval", "PT3S");

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private PresenceNode a;
    private Sql sql;

    @BeforeEach
    void start() {
        a = node(1, Map.of());
        sql = new Sql(a.pg.statements());
    }

    @AfterEach
    void stop() {
        a.close();
    }

    @Test
    void what_was_mended_stays_mended() {
        a.open("u1", APP);
        await().until(() -> a.events("u1").size() == 1);
        a.redis(Command.DEL, UserKeys.sessions("u1"));
        await().atMost(PATIENCE).until(() -> a.online("u1").size() == 1);
        await().until(() -> sql.value("select count(*) from presence_drift").equals("1"));

        await().during(Duration.ofSeconds(8)).untilAsserted(() -> {
            assertThat(sql.value("select count(*) from presence_drift")).isEqualTo("1");
            assertThat(a.told("u1")).containsExactly("0 on connect 1/1");
        });
    }

    @Test
    void priority_users_do_not_wait_for_the_others() {
        a.close();
        a = node(
                2,
                Map.of(
                        "presence.reconcile-interval", "PT1H",
                        "presence.tiers.priority.uids", "vip",
                        "presence.tiers.priority.interval", "PT2S"));
        a.open("vip", APP);
        a.open("other", APP);
        await().until(() -> a.events("other").size() == 1);
        a.redis(Command.DEL, UserKeys.sessions("vip"));
        a.redis(Command.DEL, UserKeys.sessions("other"));

        await().until(() -> a.online("vip").size() == 1);
        assertThat(a.online("other")).isEmpty();
    }

    @Test
    void a_walk_whose_node_dies_is_gone_on_with() {
        sql.run("update presence_pass set holder = '99.1', held_until = now() + interval '2 seconds', "
                + "started_at = now(), after = 'm' where name = 'users'");
        List.of("a", "z").forEach(uid -> a.end(a.open(uid, APP)));
        await().untilAsserted(() -> assertThat(a.told("z")).hasSize(2));
        sql.run("update user_presence set online = true, devices = '{\"0\": 1}'");

        await().atMost(PATIENCE).until(() -> !a.stands("z").online());
        assertThat(sql.rows("select uid from presence_drift order by id").getFirst())
                .isEqualTo("z");
        await().atMost(PATIENCE).until(() -> !a.stands("a").online());
    }

    @Test
    void a_walk_does_not_wait_for_the_time_from_which_a_clock_was_set_back() {
        sql.run("update presence_pass set holder = '99.1', held_until = now() + interval '1 hour', "
                + "started_at = now() + interval '1 hour', after = null where name = 'users'");
        sql.run("insert into user_presence (uid, online, version, seen, since, reason, node, devices) "
                + "values ('u1', true, 5, 5, now(), 'connect', 5, '{\"0\": 1}')");
        await().atMost(PATIENCE).until(() -> !a.stands("u1").online());
    }

    @Test
    void walks_wait_for_room_and_priority_users_do_not() {
        sql.run("insert into presence_priority (uid) values ('zoe')");
        a.bus.publish(Addresses.PRIORITY_CHANGED, Done.DONE);
        sql.run("insert into user_presence (uid, online, version, seen, since, reason, node, devices) "
                + "select uid, true, 5, 5, now(), 'connect', 5, '{\"0\": 1}' "
                + "from (select 'u' || n as uid from generate_series(1, 15000) n union select 'zoe') users");
        AtomicInteger most = new AtomicInteger();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            most.accumulateAndGet(waiting(), Math::max);
            return !a.stands("zoe").online();
        });
        assertThat(online()).as("users who wait while a priority user does not").isPositive();

        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            most.accumulateAndGet(waiting(), Math::max);
            return online() == 0;
        });
        assertThat(most.get()).as("users found and not yet mended").isBetween(1, 10_000 + 2 * 250);
    }

    @Test
    void nobody_is_told_offline_while_nodes_register_what_they_have() {
        a.open("u1", APP);
        await().until(() -> a.events("u1").size() == 1);
        a.redis(Command.SADD, NodeKeys.NODES, "5.1");
        a.redis(Command.SET, NodeKeys.lease("5.1"), "restoring");
        a.redis(Command.DEL, UserKeys.presence("u2"), UserKeys.sessions("u2"));
        sql.run("insert into user_presence (uid, online, version, seen, since, reason, node, devices) "
                + "values ('u2', true, 5, 5, now(), 'connect', 5, '{\"0\": 1}')");

        await().during(Duration.ofSeconds(5)).until(() -> a.stands("u2").online());
        a.redis(Command.DEL, NodeKeys.lease("5.1"));
        await().atMost(PATIENCE).until(() -> !a.stands("u2").online());
        assertThat(a.told("u2")).containsExactly("0 off reconciled 0/0");
    }

    @Test
    void a_roll_call_that_not_all_sockets_answer_ends_nobody() {
        SessionInfo session = a.open("u1", APP);
        a.socketsAnswer = false;
        a.sockets.remove(session.id());
        await().atMost(PATIENCE).until(() -> a.counted("herald.presence.rollcalls.unanswered") >= 5);
        assertThat(a.online("u1")).hasSize(1);

        a.socketsAnswer = true;
        await().until(() -> a.online("u1").isEmpty());
    }

    @Test
    void what_could_not_be_recorded_is_recorded_later() {
        SessionInfo session = a.open("u1", APP);
        await().until(() -> a.events("u1").size() == 1);
        sql.run("alter table presence_drift rename to away");
        a.redis(Command.DEL, UserKeys.sessions("u1"));
        await().atMost(PATIENCE)
                .until(() -> a.counted("herald.presence.drift", "kind", Kind.MISSING_SESSION.word()) > 0);
        sql.run("alter table away rename to presence_drift");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(sql.rows("select kind, uid, detail from presence_drift"))
                        .containsExactly("missing_session u1 session " + session.id()));
    }

    private int waiting() {
        return (int) a.meters.get("herald.presence.suspects").gauge().value();
    }

    private int online() {
        return Integer.parseInt(sql.value("select count(*) from user_presence where online"));
    }

    private PresenceNode node(long incarnation, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(SETTINGS);
        all.putAll(settings);
        return new PresenceNode(incarnation, redis, redis, pg, all).withSockets();
    }
}
