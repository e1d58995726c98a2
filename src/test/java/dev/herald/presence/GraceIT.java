package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.Stores;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presencelog.PriorityUsers;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is told of users who come and go. */
@Timeout(90)
class GraceIT {
    private static final int WEB = 1;
    private static final Map<String, String> LONG = Map.of(
            "presence.grace", "PT10M",
            "presence.max-hold", "PT20M",
            "presence.drain-grace", "PT10M",
            "presence.tiers.priority.uids", "vip",
            "presence.tiers.priority.grace", "PT0.3S",
            "presence.lease", "PT2S");

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private final List<PresenceNode> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(PresenceNode::close);
    }

    @Tag("redis-cluster")
    @Test
    void a_return_cancels_both_sides_and_is_counted() {
        PresenceNode a = node(1, Map.of());
        PresenceNode b = node(2, Map.of());
        a.end(a.open("u1", APP));
        assertThat(a.online("u1")).isEmpty();
        b.open("u1", APP);

        b.kick("u1", -1);
        assertThat(b.online("u1")).isEmpty();
        await().untilAsserted(() -> assertThat(a.told("u1")).containsExactly("0 on connect 1/1", "0 off kicked 0/0"));
        assertThat(suppressed()).isEqualTo(1);
    }

    @Test
    void who_does_not_return_is_told_when_the_hold_is_over_with_the_time_at_which_he_left() {
        PresenceNode a = node(1, Map.of("presence.grace", "PT0.7S"));
        SessionInfo session = a.open("u1", APP);
        a.end(session, EndReason.TIMEOUT);
        await().untilAsserted(() -> assertThat(a.told("u1")).containsExactly("0 on connect 1/1", "0 off timeout 0/0"));

        JsonObject offline = a.events("u1").getLast();
        assertThat(offline.getLong("at") - offline.getLong("since")).isBetween(700L, 60_000L);
        assertThat(offline.getString("session_id")).isEqualTo(Long.toString(session.id()));
        await().until(() -> a.redis(Command.SCARD, NodeKeys.users("1.1")).toInteger() == 0);
        assertThat(suppressed()).isZero();
    }

    @Test
    void a_hold_does_not_last_longer_by_what_a_clock_was_set_back() {
        PresenceNode a = node(1, Map.of("presence.grace", "PT2S"));
        SessionInfo session = a.open("u1", APP);
        a.end(session);
        long gone = System.currentTimeMillis() + 3_600_000;
        a.redis(
                Command.HSET,
                UserKeys.presence("u1"),
                "0",
                "%d %2$d 0 %3$d %2$d 1.1 close".formatted(session.id(), gone, gone + 2_000));

        await().untilAsserted(() -> assertThat(a.told("u1")).containsExactly("0 on connect 1/1", "0 off close 0/0"));
        assertThat(a.events("u1").getLast().getLong("since")).isLessThan(gone);
    }

    @Test
    void a_thousand_flaps_are_at_most_two_events_and_the_right_state() {
        PresenceNode a = node(1, Map.of("presence.grace", "PT1S"));
        PresenceNode b = node(2, Map.of("presence.grace", "PT1S"));
        for (int i = 0; i < 1_000; i++) {
            PresenceNode node = i % 3 == 0 ? b : a;
            SessionInfo session = node.session("u1", APP);
            Future<?> opened = node.bus.request(Addresses.SESSION_OPEN, new OpenSession(session));
            Future<?> ended =
                    node.bus.request(Addresses.SESSION_END, new EndSession(session.id(), "u1", EndReason.CLOSE));
            now(Future.all(opened, ended));
        }

        await().untilAsserted(() -> assertThat(a.told("u1")).containsExactly("0 on connect 1/1", "0 off close 0/0"));
        assertThat(a.stands("u1").online()).isFalse();
        assertThat(suppressed()).isEqualTo(999);
    }

    @Test
    void who_comes_and_goes_for_too_long_is_told_to() {
        PresenceNode a = node(1, Map.of("presence.grace", "PT2S", "presence.max-hold", "PT3S"));
        await().pollDelay(Duration.ZERO).atMost(Duration.ofSeconds(30)).until(() -> {
            SessionInfo session = a.open("u1", APP);
            a.end(session);
            return a.told("u1").size() >= 4;
        });

        assertThat(a.told("u1").subList(0, 3))
                .containsExactly("0 on connect 1/1", "0 off close 0/0", "0 on connect 1/1");
        List<JsonObject> events = a.events("u1");
        assertThat(events.get(1).getLong("at") - events.get(0).getLong("at")).isGreaterThanOrEqualTo(3_000);
    }

    @Test
    void whose_nodes_stop_one_after_the_other_is_not_taken_for_one_who_comes_and_goes() {
        PresenceNode a = node(1, Map.of("presence.drain-grace", "PT20S", "presence.max-hold", "PT2S"));
        long begun = System.nanoTime();
        await().pollDelay(Duration.ZERO).atMost(Duration.ofSeconds(30)).until(() -> {
            a.end(a.open("u1", APP), EndReason.DRAINED);
            return System.nanoTime() - begun > Duration.ofSeconds(5).toNanos();
        });
        a.open("u1", APP);
        a.kick("u1", -1);

        await().untilAsserted(() -> assertThat(a.told("u1")).containsExactly("0 on connect 1/1", "0 off kicked 0/0"));
    }

    @Test
    void a_device_is_held_too_while_another_stays() {
        PresenceNode a = node(1, Map.of());
        SessionInfo web = a.open("u1", WEB);
        a.end(a.open("u1", APP));
        a.open("u1", APP);
        a.end(web);
        await().until(() -> a.events("u1").size() == 2);

        assertThat(a.told("u1")).containsExactly("1 on connect 1/1", "0 on connect 1/2");
        assertThat(suppressed()).isEqualTo(1);
    }

    @Test
    void priority_users_are_held_for_less() {
        PresenceNode a = node(1, Map.of());
        now(PriorityUsers.add(a.pg.statements(), List.of("marked")));
        PresenceNode b = node(2, Map.of());
        List.of("vip", "marked", "other").forEach(uid -> b.end(b.open(uid, APP)));

        await().untilAsserted(() -> {
            assertThat(b.told("vip")).containsExactly("0 on connect 1/1", "0 off close 0/0");
            assertThat(b.told("marked")).containsExactly("0 on connect 1/1", "0 off close 0/0");
        });
        assertThat(b.told("other")).containsExactly("0 on connect 1/1");
    }

    @Tag("redis-cluster")
    @Test
    void another_node_finishes_what_a_dead_one_held() {
        PresenceNode victim = node(1, Map.of("presence.grace", "PT3S"));
        PresenceNode survivor = node(2, Map.of());
        List<String> uids = IntStream.range(0, 300).mapToObj(i -> "u" + i).toList();
        uids.forEach(uid -> victim.end(victim.open(uid, APP)));
        survivor.open("u7", APP);
        nodes.remove(victim);
        victim.kill();

        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> assertThat(
                        uids.stream().filter(uid -> !uid.equals("u7")).map(survivor::told))
                .allMatch(List.of("0 on connect 1/1", "0 off close 0/0")::equals));
        assertThat(survivor.told("u7")).containsExactly("0 on connect 1/1");
    }

    @Tag("redis-cluster")
    @Test
    void users_of_a_stopped_node_who_come_back_elsewhere_were_never_gone() {
        PresenceNode stopped = node(1, Map.of("presence.drain-grace", "PT5S"));
        PresenceNode other = node(2, Map.of());
        List<String> uids = IntStream.range(0, 100).mapToObj(i -> "u" + i).toList();
        uids.forEach(uid -> stopped.open(uid, APP));
        nodes.remove(stopped);
        stopped.close();
        assertThat(other.online(uids)).isEmpty();
        uids.subList(0, 60).forEach(uid -> other.open(uid, APP));

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(uids.subList(60, 100).stream().map(other::told))
                        .allMatch(List.of("0 on connect 1/1", "0 off drained 0/0")::equals));
        assertThat(uids.subList(0, 60).stream().map(other::told)).allMatch(List.of("0 on connect 1/1")::equals);
        assertThat(other.redis(Command.EXISTS, UserKeys.edges("u1")).toInteger())
                .isZero();
    }

    private PresenceNode node(long incarnation, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(LONG);
        all.putAll(settings);
        PresenceNode node = new PresenceNode(incarnation, redis, redis, pg, all);
        nodes.add(node);
        return node;
    }

    private double suppressed() {
        return nodes.stream()
                .mapToDouble(node -> node.counted("herald.presence.suppressed"))
                .sum();
    }
}
