package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.it.Blocked;
import dev.herald.it.Stores;
import dev.herald.presence.node.NodeKeys;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
@Tag("redis-cluster")
class PresenceIT {
    private static final int WEB = 1;
    private static final AtomicInteger USERS = new AtomicInteger();
    private static String redis;
    private static String pg;
    private static PresenceNode a;
    private static PresenceNode b;

    private String uid;

    @BeforeAll
    static void start() {
        redis = Stores.freshRedis();
        pg = Stores.freshPostgres();
        a = new PresenceNode(1, redis, pg);
        b = new PresenceNode(2, redis, pg);
    }

    @AfterAll
    static void stop() {
        a.close();
        b.close();
    }

    @BeforeEach
    void newUser() {
        uid = "user-" + USERS.incrementAndGet();
        a.closes.clear();
        b.closes.clear();
    }

    @Test
    void only_the_first_and_the_last_session_of_a_device_are_told() {
        SessionInfo onA = a.open(uid, APP);
        SessionInfo onB = b.open(uid, APP);
        a.end(onA);
        assertThat(a.online(uid)).containsExactly(new OnlineRow(uid, APP, false));
        b.end(onB, EndReason.TIMEOUT);
        assertThat(a.online(uid)).isEmpty();

        assertTold("0 on connect 1/1", "0 off timeout 0/0");
        assertThat(a.events(uid))
                .extracting(event -> event.getString("session_id"))
                .containsOnly(Long.toString(onA.id()));
    }

    @Test
    void each_device_flag_has_its_own_edges() {
        SessionInfo app = a.open(uid, APP);
        SessionInfo web = b.open(uid, WEB);
        a.end(app);
        b.end(web);

        assertTold("0 on connect 1/1", "1 on connect 1/2", "0 off close 0/1", "1 off close 0/0");
    }

    @Test
    void an_event_names_its_session_and_node() {
        SessionInfo session = b.open(uid, APP);

        await().until(() -> a.events(uid).size() == 1);
        JsonObject event = a.events(uid).getFirst();
        assertThat(event.getString("session_id")).isEqualTo(Long.toString(session.id()));
        assertThat(event.getLong("node")).isEqualTo(2);
        assertThat(event.getString("uid")).isEqualTo(uid);
        assertThat(event.getLong("at"))
                .isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(60_000L));
    }

    @Test
    void an_end_told_twice_or_by_another_node_is_one_end() {
        SessionInfo session = a.open(uid, APP);
        EndSession end = new EndSession(session.id(), uid, EndReason.CLOSE);
        now(Future.all(
                a.bus.request(Addresses.SESSION_END, end),
                a.bus.request(Addresses.SESSION_END, end),
                b.bus.request(Addresses.SESSION_END, end)));
        a.end(session, EndReason.TIMEOUT);
        a.open(uid, WEB);

        await().untilAsserted(() -> assertThat(a.told(uid)).hasSize(3).last().isEqualTo("1 on connect 1/1"));
    }

    @Test
    void an_open_told_twice_is_one_session() {
        SessionInfo session = a.session(uid, APP);
        long version = a.open(session);

        assertThat(a.open(session)).isEqualTo(version);
        assertThat(a.online(uid)).hasSize(1);
        a.end(session);
        assertTold("0 on connect 1/1", "0 off close 0/0");
    }

    @ParameterizedTest
    @CsvSource({
        "true, false, kicked",
        "true, true, silent",
        "false, true, silent",
        "false, false, stays",
    })
    void a_new_session_replaces_older_ones_of_its_flag(boolean master, boolean sameDevice, String fate) {
        SessionInfo old = a.session(uid, APP, !master, "d1");
        a.open(old);
        SessionInfo otherFlag = a.session(uid, WEB, true, "d1");
        a.open(otherFlag);
        b.open(b.session(uid, APP, master, sameDevice ? "d1" : "d2"));

        switch (fate) {
            case "kicked" -> assertClosed(b, new CloseSessions(List.of(old.id()), false, "login in other device"));
            case "silent" -> assertClosed(b, new CloseSessions(List.of(old.id()), true, ""));
            default -> assertThat(b.closes).isEmpty();
        }
        assertThat(a.online(uid)).hasSize(fate.equals("stays") ? 3 : 2);
        a.end(old, EndReason.REPLACED);
        assertTold("0 on connect 1/1", "1 on connect 1/2");
    }

    @Test
    void the_oldest_of_too_many_sessions_of_a_flag_is_replaced() {
        SessionInfo otherFlag = a.open(uid, WEB);
        SessionInfo oldest = b.open(uid, APP);
        for (int i = 1; i < 64; i++) {
            a.open(uid, APP);
        }
        assertThat(a.closes).isEmpty();
        double before = a.counted("herald.presence.crowded");

        SessionInfo last = a.open(uid, APP);
        assertClosed(a, new CloseSessions(List.of(oldest.id()), false, "login in other device"));
        assertThat(a.online(uid)).hasSize(65);
        assertThat(a.counted("herald.presence.crowded") - before).isEqualTo(1);
        a.open(last);
        assertThat(a.online(uid)).as("after a repeat").hasSize(65);
        a.closes.clear();
        a.open(a.session(uid, APP, false, last.deviceId()));
        assertClosed(a, new CloseSessions(List.of(last.id()), true, ""));
        a.end(otherFlag);
        assertTold("1 on connect 1/1", "0 on connect 1/2", "1 off close 0/64");
    }

    @Test
    void a_kick_ends_one_device_or_all_and_says_why() {
        SessionInfo app = a.open(uid, APP);
        SessionInfo web = b.open(uid, WEB);
        SessionInfo pc = a.open(uid, 2);

        a.kick(uid, APP);
        assertClosed(a, new CloseSessions(List.of(app.id()), false, "go"));
        assertThat(a.online(uid)).containsExactly(new OnlineRow(uid, WEB, false), new OnlineRow(uid, 2, false));
        a.closes.clear();
        a.kick(uid, -1);
        await().untilAsserted(() -> assertThat(a.closes)
                .containsExactlyInAnyOrder(
                        new CloseSessions(List.of(web.id()), false, "go"),
                        new CloseSessions(List.of(pc.id()), false, "go")));
        assertThat(a.online(uid)).isEmpty();
        await().untilAsserted(() -> assertThat(a.told(uid))
                .containsSubsequence("0 off kicked 0/2", "1 off kicked 0/0", "2 off kicked 0/0"));
        assertThat(a.told(uid)).hasSize(6);
    }

    @Test
    void a_kick_of_one_session_spares_the_others_and_whoever_else_has_that_id() {
        SessionInfo one = b.open(uid, APP);
        SessionInfo other = a.open(uid, APP);
        SessionInfo foreign = a.open(uid + "-else", APP);

        a.kick(uid, one);
        assertClosed(a, new CloseSessions(List.of(one.id()), false, "go"));
        a.closes.clear();
        a.kick(uid, one);
        a.kick(uid, foreign);
        assertThat(a.online(uid)).containsExactly(new OnlineRow(uid, APP, false));
        assertThat(a.online(uid + "-else")).hasSize(1);
        a.kick(uid, other);
        await().untilAsserted(() ->
                assertThat(a.closes).containsExactly(new CloseSessions(List.of(other.id()), false, "go")));
        await().untilAsserted(() -> assertThat(a.told(uid)).containsSubsequence("0 off kicked 0/0"));
    }

    @Test
    void the_query_keeps_the_order_of_the_uids_and_has_a_row_per_session() {
        List<String> uids =
                IntStream.range(0, 2_500).mapToObj(i -> uid + "-" + i).toList();
        a.open(uids.get(2_400), WEB);
        a.open(uids.get(3), APP);
        b.open(uids.get(3), APP);

        assertThat(a.online(uids))
                .containsExactly(
                        new OnlineRow(uids.get(3), APP, false),
                        new OnlineRow(uids.get(3), APP, false),
                        new OnlineRow(uids.get(2_400), WEB, false));
        assertThatThrownBy(() -> a.online(Collections.nCopies(10_001, uid))).hasMessageContaining("uids: ");
    }

    @Test
    void versions_grow_also_when_redis_forgets_them_and_nothing_is_told_twice() {
        List<Long> versions = new ArrayList<>();
        SessionInfo first = a.session(uid, APP);
        versions.add(a.open(first));
        assertTold("0 on connect 1/1");
        a.redis(Command.DEL, UserKeys.sessions(uid), UserKeys.presence(uid));
        versions.add(a.open(a.session(uid, APP)));
        versions.add(a.open(a.session(uid, WEB)));

        assertThat(versions).isSorted().doesNotHaveDuplicates();
        assertTold("0 on connect 1/1", "1 on connect 1/2");
    }

    @Test
    void a_version_that_was_told_once_is_exceeded_although_the_clock_went_back() {
        long future = System.currentTimeMillis() + 3_600_000;
        now(a.pg.statements()
                .preparedQuery("update presence_clock set version = $1")
                .execute(Tuple.of(future)));
        PresenceNode late = new PresenceNode(3, redis, pg);

        assertThat(late.open(late.session(uid, APP))).isGreaterThan(future);
        late.close();
    }

    @Test
    void a_flapping_user_is_told_in_the_order_of_the_versions() {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            SessionInfo session = a.session(uid, APP);
            all.add(a.bus.request(Addresses.SESSION_OPEN, new OpenSession(session)));
            all.add(a.bus.request(Addresses.SESSION_END, new EndSession(session.id(), uid, EndReason.CLOSE)));
        }
        now(Future.all(all));

        await().until(() -> a.events(uid).size() == 400);
        List<JsonObject> events = a.events(uid);
        assertThat(events)
                .extracting(event -> event.getLong("version"))
                .isSorted()
                .doesNotHaveDuplicates();
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).getBoolean("online")).isEqualTo(i % 2 == 0);
        }
    }

    @Test
    void an_open_does_not_wait_for_the_event_and_the_event_waits_for_the_database() {
        List<Done> nudges = Collections.synchronizedList(new ArrayList<>());
        var nudged = a.bus.serve(Addresses.EVENTS_PENDING, done -> {
            nudges.add(done);
            return Future.succeededFuture(done);
        });
        Blocked lock = Blocked.by(a.pg, "lock table event in exclusive mode");

        SessionInfo session = a.open(uid, APP);
        a.end(session);
        assertThat(a.events(uid)).isEmpty();
        int before = nudges.size();

        lock.end();
        assertTold("0 on connect 1/1", "0 off close 0/0");
        await().until(() -> nudges.size() > before);
        now(nudged.unregister());
    }

    @Test
    void what_is_out_of_bounds_is_refused_by_name() {
        assertThatThrownBy(() -> a.open("a@b", APP)).hasMessageContaining("uid: ");
        assertThatThrownBy(() -> a.open(uid, 256)).hasMessageContaining("device_flag: ");
        assertThatThrownBy(() -> a.kick(uid, -2)).hasMessageContaining("device_flag: ");
        assertThatThrownBy(() -> a.open(a.session(uid, APP, false, "x".repeat(256))))
                .hasMessageContaining("device_id: ");
        assertThatThrownBy(() -> a.open(b.session(uid, APP))).hasMessageContaining("session id: ");
    }

    @Test
    void the_nodes_list_holds_the_user_as_long_as_a_session_is_left() {
        SessionInfo first = a.open(uid, APP);
        SessionInfo second = a.open(uid, WEB);
        b.open(uid, WEB);
        a.end(first);
        assertThat(a.redis(Command.SISMEMBER, NodeKeys.users("1.1"), uid).toInteger())
                .isEqualTo(1);
        a.end(second);
        await().until(() ->
                a.redis(Command.SISMEMBER, NodeKeys.users("1.1"), uid).toInteger() == 0);
        assertThat(a.redis(Command.SISMEMBER, NodeKeys.users("2.1"), uid).toInteger())
                .isEqualTo(1);
    }

    private void assertTold(String... expected) {
        await().untilAsserted(() -> assertThat(a.told(uid)).containsExactly(expected));
    }

    private static void assertClosed(PresenceNode node, CloseSessions close) {
        await().untilAsserted(() -> assertThat(node.closes).containsExactly(close));
    }
}
