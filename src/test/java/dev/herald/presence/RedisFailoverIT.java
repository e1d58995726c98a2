package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.RedisCluster;
import dev.herald.it.RedisFailover;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.it.TestRedis;
import dev.herald.presence.node.NodeKeys;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The master dies with what its replica has not got, and the leases of all nodes end before the replica takes over. */
@Timeout(90)
class RedisFailoverIT {
    private static final Map<String, String> SHORT_LEASE = Map.of("presence.lease", "PT2S");

    @Test
    void who_is_connected_stays_online_and_nobody_is_told_otherwise() {
        String pg = Stores.freshPostgres();
        try (RedisFailover redis = new RedisFailover();
                PresenceNode a = new PresenceNode(1, redis.url(), redis.url(), pg, SHORT_LEASE).withSockets();
                PresenceNode b = new PresenceNode(2, redis.url(), redis.url(), pg, SHORT_LEASE).withSockets()) {
            SessionInfo replicated = a.open("u1", APP);
            redis.replica().fallBehind(redis.master());
            SessionInfo here = a.open("u2", APP);
            SessionInfo there = b.open("u3", APP);
            a.end(replicated);
            await().until(() -> a.told("u1").size() == 2 && a.told("u3").size() == 1);
            redis.master().kill();
            redis.replica().thaw();

            List<String> all = List.of("u1", "u2", "u3");
            await().atMost(Duration.ofSeconds(40))
                    .ignoreExceptions()
                    .until(() -> a.online(all).size() == 2 && a.online("u1").isEmpty());
            assertThat(redis.replica().tell("INFO replication")).contains("role:master");
            // Long enough for whoever takes the other for dead to say so.
            await().during(Duration.ofSeconds(4)).untilAsserted(() -> {
                assertThat(a.told("u2")).containsExactly("0 on connect 1/1");
                assertThat(a.told("u3")).containsExactly("0 on connect 1/1");
            });
            assertThat(a.sockets).containsOnlyKeys(here.id());
            assertThat(b.sockets).containsOnlyKeys(there.id());
            assertThat(a.told("u1")).startsWith("0 on connect 1/1", "0 off close 0/0");
        }
    }

    /** The list of the node's users is on another master, which has lost nothing and knows only one of them. */
    @Test
    void what_one_master_of_a_cluster_has_lost_is_found_long_before_the_next_walk() {
        try (RedisCluster redis = RedisCluster.start(1)) {
            long incarnation = LongStream.rangeClosed(1, 50)
                    .filter(it -> redis.masterOf(NodeKeys.users(it + ".1")) != redis.server(0))
                    .findFirst()
                    .orElseThrow();
            List<String> users = IntStream.range(0, 50)
                    .mapToObj(i -> "u" + i)
                    .filter(uid -> redis.masterOf(UserKeys.sessions(uid)) == redis.server(0))
                    .limit(2)
                    .toList();
            String left = users.getFirst();
            String came = users.getLast();
            Map<String, String> seldom = Map.of("presence.lease", "PT8S", "presence.reconcile-interval", "PT1H");
            try (PresenceNode node =
                    new PresenceNode(incarnation, redis.url(), redis.url(), Stores.freshPostgres(), seldom)) {
                node.withSockets();
                SessionInfo session = node.open(left, APP);
                await().until(() -> isReplicated(redis.server(0)));
                redis.server(3).fallBehind(redis.server(0));
                node.end(session);
                node.open(came, APP);
                await().until(() ->
                        node.told(left).size() == 2 && node.told(came).size() == 1);
                await().until(() -> node.redis(Command.SISMEMBER, NodeKeys.users(incarnation + ".1"), left)
                                .toInteger()
                        == 0);
                redis.server(0).kill();
                redis.server(3).thaw();

                Sql sql = new Sql(node.pg.statements());
                await().atMost(Duration.ofSeconds(50))
                        .until(() -> sql.value("select count(*) from presence_drift where uid = $1", left)
                                .equals("1"));
                assertThat(redis.server(3).tell("INFO replication")).contains("role:master");
                await().untilAsserted(() -> assertThat(node.online(users))
                        .extracting(OnlineRow::uid)
                        .containsExactly(came));
                assertThat(node.told(left)).containsExactly("0 on connect 1/1", "0 off close 0/0");
                assertThat(node.told(came)).containsExactly("0 on connect 1/1");
            }
        }
    }

    private static boolean isReplicated(TestRedis master) {
        Map<String, String> info = master.tell("INFO replication")
                .lines()
                .filter(line -> line.contains(":"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')), line -> line.substring(line.indexOf(':') + 1)));
        return info.getOrDefault("slave0", "").contains("offset=" + info.get("master_repl_offset") + ",");
    }
}
