package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.Activity;
import dev.herald.bus.message.PresenceMessage.OnDevice;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.PresenceMessage.Status;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.config.ConfigLoader;
import dev.herald.it.Stores;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How users stand, asked of two nodes. */
@Timeout(60)
class StatusIT {
    private static final int WEB = 1;

    private static PresenceNode a;
    private static PresenceNode b;

    @BeforeAll
    static void start() {
        String redis = Stores.freshRedis();
        String pg = Stores.freshPostgres();
        a = new PresenceNode(1, redis, pg);
        b = new PresenceNode(2, redis, pg);
        var config = ConfigLoader.load(Map.of("redis.url", redis, "presence.active-within", "PT5S"));
        now(a.vertx.deployVerticle(new StatusVerticle(config, a.bus, a.pg)));
    }

    @AfterAll
    static void close() {
        a.close();
        b.close();
    }

    @Test
    void says_with_which_devices_on_which_nodes_and_since_when() {
        SessionInfo phone = a.open("u1", APP);
        b.open("u1", APP);
        b.open("u1", WEB);

        await().untilAsserted(() -> assertThat(status("u1").online()).isTrue());
        Status online = status("u1");
        assertThat(online.devices())
                .containsExactly(new OnDevice(APP, 2, List.of(1L, 2L)), new OnDevice(WEB, 1, List.of(2L)));
        assertThat(online.sinceMs()).isEqualTo(a.events("u1").getFirst().getLong("since"));
        assertThat(online.activeMs()).isZero();

        a.end(phone);
        assertThat(status("u1").devices())
                .containsExactly(new OnDevice(APP, 1, List.of(2L)), new OnDevice(WEB, 1, List.of(2L)));
    }

    @Test
    void is_what_the_newest_event_says() {
        SessionInfo session = a.open("u2", APP);
        await().untilAsserted(() -> assertSameAsNewestEvent("u2", true));
        a.end(session);
        await().untilAsserted(() -> assertSameAsNewestEvent("u2", false));
        assertThat(status("u2").devices()).isEmpty();
    }

    @Test
    void knows_nothing_of_a_stranger() {
        assertThat(status("stranger")).isEqualTo(new Status("stranger", false, 0, 0, 0, List.of()));
    }

    @Test
    void a_user_is_active_for_a_while_after_doing_something() {
        a.open("u3", APP);
        a.open("u4", APP);
        await().untilAsserted(() -> assertThat(statuses(List.of("u3", "u4")))
                .extracting(Status::online)
                .containsOnly(true));
        long before = System.currentTimeMillis();
        now(a.bus.request(
                Addresses.ACTIVITY, new Activity(Map.of("u3", before - 50, "offline", before, "u4", before - 8_000))));

        assertThat(status("u3").activeMs()).isEqualTo(before - 50);
        assertThat(status("u4").activeMs()).isZero();
        assertThat(status("offline").activeMs()).isZero();
        await().untilAsserted(() -> assertThat(status("u3").activeMs()).isZero());
        assertThat(status("u3").online()).isTrue();
    }

    @Test
    void the_last_activity_does_not_go_back() {
        a.open("u5", APP);
        await().untilAsserted(() -> assertThat(status("u5").online()).isTrue());
        long now = System.currentTimeMillis();
        now(a.bus.request(Addresses.ACTIVITY, new Activity(Map.of("u5", now - 10))));
        now(a.bus.request(Addresses.ACTIVITY, new Activity(Map.of("u5", now - 500))));

        assertThat(status("u5").activeMs()).isEqualTo(now - 10);
    }

    @Test
    void keeps_the_order_of_the_question_and_its_bound() {
        List<String> uids = IntStream.range(0, 1_000).mapToObj(i -> "q" + i).toList();
        b.open("q999", WEB);
        await().untilAsserted(() -> assertThat(status("q999").online()).isTrue());

        List<Status> users = statuses(uids);
        assertThat(users).extracting(Status::uid).containsExactlyElementsOf(uids);
        assertThat(users.getLast().devices()).containsExactly(new OnDevice(WEB, 1, List.of(2L)));
        assertThatThrownBy(() -> statuses(Collections.nCopies(1_001, "u"))).hasMessageContaining("users: ");
    }

    private static void assertSameAsNewestEvent(String uid, boolean online) {
        List<JsonObject> events = a.events(uid);
        assertThat(events).isNotEmpty();
        JsonObject event = events.getLast();
        Status status = status(uid);
        assertThat(event.getBoolean("online")).isEqualTo(online);
        assertThat(status.online()).isEqualTo(online);
        assertThat(status.version()).isEqualTo(event.getLong("version"));
        assertThat(status.sinceMs()).isEqualTo(event.getLong("since"));
    }

    private static Status status(String uid) {
        return statuses(List.of(uid)).getFirst();
    }

    private static List<Status> statuses(List<String> uids) {
        return now(a.bus.request(Addresses.STATUS_QUERY, new StatusQuery(uids))).users();
    }
}
