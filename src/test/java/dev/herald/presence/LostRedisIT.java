package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.it.TestRedis;
import dev.herald.it.Wire;
import dev.herald.model.DeviceFlag;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.node.NodeLease;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LostRedisIT {
    private static final Map<String, String> SHORT_LEASE = Map.of("presence.lease", "PT0.6S");

    /** Its own: what stands still or is emptied here must not be the other tests'. */
    private static final TestRedis SERVER = new TestRedis().start();

    private final String redis = SERVER.url();
    private final String pg = Stores.freshPostgres();
    private final Wire database = new Wire(Stores.port(pg));
    private Wire wire;
    private PresenceNode node;

    @BeforeEach
    void start() {
        SERVER.tell("FLUSHALL");
        wire = new Wire(SERVER.port());
        node = node(Map.of());
    }

    @AfterEach
    void stop() {
        node.close();
        wire.close();
        database.close();
    }

    @Test
    void an_end_whose_answer_was_lost_is_told_once() {
        SessionInfo session = node.open("u1", APP);
        wire.swallowAnswersFrom("\r\nend\r\n");
        Future<?> ended = tell(session);
        await().until(() -> node.redis(Command.EXISTS, UserKeys.sessions("u1")).toInteger() == 0);
        assertThat(ended.isComplete()).isFalse();
        wire.cut();

        now(ended);
        assertTold("u1", "0 on connect 1/1", "0 off close 0/0");
    }

    @Test
    void an_open_whose_answer_was_lost_is_refused_and_undone_with_both_edges_told() {
        node.end(node.open("warm-up", APP));
        wire.swallowAnswersFrom("\r\nopen\r\n");
        Future<?> opened = node.bus.request(Addresses.SESSION_OPEN, new OpenSession(node.session("u1", APP)));
        await().until(() -> node.redis(Command.EXISTS, UserKeys.sessions("u1")).toInteger() == 1);
        wire.cut();

        assertThatThrownBy(() -> now(opened)).hasMessageContaining("Redis call failed");
        assertTold("u1", "0 on connect 1/1", "0 off close 0/0");
        assertThat(node.redis(Command.EXISTS, UserKeys.sessions("u1")).toInteger())
                .isZero();
    }

    @Test
    void ends_survive_cut_connections() {
        List<String> uids = IntStream.range(0, 300).mapToObj(i -> "u" + i).toList();
        List<SessionInfo> sessions =
                uids.stream().map(uid -> node.open(uid, APP)).toList();
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            if (i % 50 == 25) {
                wire.cut();
            }
            ends.add(tell(sessions.get(i)));
        }

        now(Future.all(ends));
        assertThat(node.online(uids)).isEmpty();
        await().untilAsserted(() -> assertThat(uids.stream().map(node::told))
                .allMatch(List.of("0 on connect 1/1", "0 off close 0/0")::equals));
    }

    @Test
    void ends_survive_a_stalled_redis() {
        SessionInfo session = node.open("u1", APP);
        node.redis(Command.CLIENT, "PAUSE", 4_000, "ALL");
        Future<?> ended = tell(session);

        now(ended);
        assertTold("u1", "0 on connect 1/1", "0 off close 0/0");
    }

    @Test
    void an_open_is_refused_at_once_while_redis_is_gone() {
        wire.close();
        await().untilAsserted(
                        () -> assertThatThrownBy(() -> node.open("u1", APP)).hasMessageContaining("not connected"));
    }

    @Test
    void a_node_that_could_not_renew_its_lease_goes_on_with_its_sessions() {
        node.close();
        node = node(SHORT_LEASE);
        node.open("u1", APP);
        node.redis(Command.CLIENT, "PAUSE", 1_500, "ALL");

        await().until(() -> !node.isListed("1.1"));
        await().ignoreExceptions().until(() -> node.open("u2", APP) != null);
        assertThat(node.closes).isEmpty();
        assertThat(node.online(List.of("u1", "u2"))).hasSize(2);
        assertTold("u1", "0 on connect 1/1");
    }

    @Test
    void a_kick_ends_also_what_an_emptied_registry_does_not_know() {
        node.close();
        node = node(Map.of("presence.lease", "PT20S"));
        SessionInfo app = node.open("u1", APP);
        SessionInfo web = node.open("u1", DeviceFlag.WEB);
        node.redis(Command.DEL, UserKeys.sessions("u1"));
        now(node.bus.request(Addresses.DEVICE_KICK, new KickDevice("u1", APP, "out")));
        await().until(() -> !node.closes.isEmpty());
        assertThat(node.closes).containsExactly(new CloseSessions(List.of(app.id()), false, "out"));
        now(node.bus.request(Addresses.SESSION_KICK, new KickSession("u1", web.id(), "out")));
        await().until(() -> node.closes.size() == 2);
        assertThat(node.closes.getLast().ids()).containsExactly(web.id());
    }

    @Test
    void word_of_a_kick_that_comes_late_ends_nothing_that_came_since() {
        node.open("u1", APP);
        node.open("u1", DeviceFlag.WEB);
        node.bus.publish(Addresses.DEVICE_KICKED, new KickDevice("u1", APP, "out"));
        node.bus.publish(
                Addresses.SESSION_KICKED,
                new KickSession("u1", node.open("u1", DeviceFlag.WEB).id(), "out"));
        now(node.bus.request(Addresses.DEVICE_KICK, new KickDevice("u1", APP, "out")));
        await().until(() -> !node.closes.isEmpty());
        await().untilAsserted(() -> assertThat(node.online("u1"))
                .extracting(OnlineRow::deviceFlag)
                .containsExactly(DeviceFlag.WEB, DeviceFlag.WEB));
        assertThat(node.closes).hasSize(1);
    }

    @Test
    void a_restoration_that_redis_interrupts_is_begun_anew() {
        node.close();
        node = node(Map.of("presence.lease", "PT20S", "look", "PT0.5S"));
        node.open("u1", APP);
        wire.swallowAnswersFrom(NodeKeys.users("1.2"));
        node.redis(Command.DEL, NodeKeys.lease("1.1"));
        await().until(() ->
                node.redis(Command.SISMEMBER, NodeKeys.users("1.2"), "u1").toInteger() == 1);
        wire.cut();

        await().untilAsserted(() ->
                assertThat(node.redis(Command.GET, NodeKeys.lease("1.2"))).hasToString(NodeLease.READY));
        assertThat(node.online("u1")).hasSize(1);
        assertTold("u1", "0 on connect 1/1");
    }

    @Test
    void a_node_that_another_has_taken_over_under_a_name_before_the_last_closes_its_sockets() {
        node.close();
        node = node(Map.of("presence.lease", "PT20S", "look", "PT0.5S"));
        SessionInfo session = node.open("u1", APP);
        wire.swallowAnswersFrom(NodeKeys.users("1.2"));
        node.redis(Command.DEL, NodeKeys.lease("1.1"));
        await().until(() ->
                node.redis(Command.SISMEMBER, NodeKeys.users("1.2"), "u1").toInteger() == 1);
        new Sql(node.pg.statements()).run("update presence_heir set heir = '7.1' where node = '1.1'");
        node.redis(Command.DEL, NodeKeys.lease("1.2"));
        wire.cut();

        await().until(() -> node.closes.size() == 1);
        assertThat(node.closes.getFirst().ids()).containsExactly(session.id());
        await().untilAsserted(() ->
                assertThat(node.redis(Command.GET, NodeKeys.lease("1.3"))).hasToString(NodeLease.READY));
        await().until(() -> node.online("u1").isEmpty());
    }

    @Test
    void a_database_that_is_away_for_a_moment_while_redis_is_closes_no_socket() {
        node.close();
        String overWire = pg.replace(":" + Stores.port(pg) + "/", ":" + database.port() + "/");
        node = new PresenceNode(
                1, redis, "redis://127.0.0.1:" + wire.port(), overWire, Map.of("presence.lease", "PT2S"));
        node.open("u1", APP);
        assertTold("u1", "0 on connect 1/1");
        database.refuse();
        wire.refuse();
        await().until(() -> node.redis(Command.EXISTS, NodeKeys.lease("1.1")).toInteger() == 0);
        // Long enough for some questions that nobody answers.
        await().during(Duration.ofSeconds(1)).until(() -> node.closes.isEmpty());

        database.mend();
        wire.mend();
        await().untilAsserted(() ->
                assertThat(node.redis(Command.GET, NodeKeys.lease("1.2"))).hasToString(NodeLease.READY));
        assertThat(node.closes).isEmpty();
        assertThat(node.online("u1")).hasSize(1);
        assertTold("u1", "0 on connect 1/1");
    }

    @Test
    void a_node_that_lost_its_lease_and_cannot_ask_who_has_its_users_closes_its_sockets() {
        node.close();
        String overWire = pg.replace(":" + Stores.port(pg) + "/", ":" + database.port() + "/");
        node = new PresenceNode(1, redis, redis, overWire, SHORT_LEASE);
        SessionInfo session = node.open("u1", APP);
        assertTold("u1", "0 on connect 1/1");
        database.refuse();
        node.redis(Command.DEL, NodeKeys.lease("1.1"));

        await().atMost(Duration.ofSeconds(30)).until(() -> node.closes.size() == 1);
        assertThat(node.closes.getFirst().ids()).containsExactly(session.id());
        assertThat(node.closes.getFirst().silent()).isTrue();
        database.mend();
        assertTold("u1", "0 on connect 1/1", "0 off node_lost 0/0");
        assertThat(node.open("u1", APP).uid()).isEqualTo("u1");
    }

    @Test
    void versions_exceed_what_others_told_while_this_node_did_not_reach_redis() {
        node.open("u0", APP);
        long later = System.currentTimeMillis() + 3_600_000;
        new Sql(node.pg.statements()).run("update presence_clock set version = " + later);
        wire.cut();

        SessionInfo session = node.session("u1", APP);
        assertThat(await().ignoreExceptions().until(() -> node.open(session), version -> true))
                .isGreaterThan(later);
    }

    @Test
    void a_redis_that_has_lost_everything_gets_it_back_from_the_sockets_and_nobody_is_told() {
        node.close();
        node = node(SHORT_LEASE);
        List<String> uids = IntStream.range(0, 1_200).mapToObj(i -> "u" + i).toList();
        List<SessionInfo> sessions =
                uids.stream().map(uid -> node.open(uid, APP)).toList();
        await().until(() -> node.events("u1199").size() == 1);
        AtomicInteger looks = new AtomicInteger();
        now(node.bus
                .hear(Addresses.MESSAGES_UNTOLD, untold -> looks.incrementAndGet())
                .completion());
        node.redis(Command.FLUSHDB);

        await().until(() -> node.online(uids).size() == uids.size());
        await().untilAsserted(() -> assertThat(looks)
                .as("looks for messages that were not sent here")
                .hasPositiveValue());
        sessions.forEach(node::end);
        assertTold("u0", "0 on connect 1/1", "0 off close 0/0");
        Sql sql = new Sql(node.pg.statements());
        await().untilAsserted(() ->
                assertThat(sql.value("select count(*) from event")).isEqualTo("2400"));
        assertThat(sql.value("select count(*) from user_presence where online")).isEqualTo("0");
        assertThat(node.closes).isEmpty();
    }

    private PresenceNode node(Map<String, String> settings) {
        return new PresenceNode(1, redis, "redis://127.0.0.1:" + wire.port(), pg, settings);
    }

    private Future<?> tell(SessionInfo session) {
        return node.bus.request(Addresses.SESSION_END, new EndSession(session.id(), session.uid(), EndReason.CLOSE));
    }

    private void assertTold(String uid, String... expected) {
        await().untilAsserted(() -> assertThat(node.told(uid)).containsExactly(expected));
    }
}
