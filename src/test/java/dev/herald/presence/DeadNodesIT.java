package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.Stores;
import dev.herald.presence.node.NodeKeys;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Tag("redis-cluster")
class DeadNodesIT {
    private static final String DEAD = "99.1";
    private static final Map<String, String> QUICK = Map.of("presence.lease", "PT2S");

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private PresenceNode a;
    private PresenceNode b;

    @BeforeEach
    void start() {
        a = new PresenceNode(1, redis, redis, pg, QUICK);
        b = new PresenceNode(2, redis, redis, pg, QUICK);
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
    }

    @Test
    void the_users_of_a_dead_node_go_offline_once_unless_they_are_elsewhere() {
        List<String> uids = IntStream.range(0, 550).mapToObj(i -> "u" + i).toList();
        List<String> elsewhere = uids.subList(500, 550);
        elsewhere.forEach(uid -> b.open(uid, APP));
        leaveBehind(uids).die();

        await().until(() -> !a.isListed(DEAD));
        assertThat(a.online(uids)).hasSize(50).allMatch(row -> elsewhere.contains(row.uid()));
        await().untilAsserted(() -> assertThat(uids.subList(0, 500).stream().map(a::told))
                .allMatch(List.of("0 on connect 1/1", "0 off node_lost 0/0")::equals));
        assertThat(elsewhere.stream().map(a::told)).allMatch(List.of("0 on connect 1/1")::equals);
    }

    @Test
    void one_bad_user_does_not_stop_the_sweep() {
        a.redis(Command.SET, UserKeys.sessions("bad"), "not a hash");
        a.redis(Command.SADD, NodeKeys.users(DEAD), "bad");
        leaveBehind(List.of("good")).die();
        await().untilAsserted(
                        () -> assertThat(a.told("good")).containsExactly("0 on connect 1/1", "0 off node_lost 0/0"));
        assertThat(a.isListed(DEAD)).isTrue();

        a.redis(Command.DEL, UserKeys.sessions("bad"));
        await().until(() -> !a.isListed(DEAD));
    }

    @Test
    void a_node_with_a_lease_keeps_its_users() {
        MuteNode node = leaveBehind(List.of("u1"));
        await().during(Duration.ofSeconds(1)).until(() -> a.online("u1").size() == 1);

        node.die();
        await().until(() -> a.online("u1").isEmpty());
    }

    @Test
    void a_node_that_stops_ends_its_sessions_and_drops_its_lease() {
        PresenceNode c = new PresenceNode(3, redis, redis, pg, QUICK);
        c.open("u1", APP);
        c.close();

        assertThat(a.redis(Command.EXISTS, NodeKeys.lease("3.1")).toInteger()).isZero();
        assertThat(a.told("u1")).containsExactly("0 on connect 1/1", "0 off drained 0/0");
    }

    /** What a node that was killed leaves in Redis. */
    private MuteNode leaveBehind(List<String> uids) {
        MuteNode node = new MuteNode(a.vertx, redis, 99);
        now(Future.all(
                uids.stream().map(uid -> node.open(node.session(uid, APP))).toList()));
        return node;
    }
}
