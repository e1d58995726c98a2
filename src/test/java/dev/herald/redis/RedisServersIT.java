package dev.herald.redis;

import static dev.herald.it.TestRedis.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.OnLoop;
import dev.herald.it.RedisCluster;
import dev.herald.it.RedisFailover;
import dev.herald.it.Sql;
import dev.herald.it.TestRedis;
import dev.herald.redis.RedisGateway.ScriptRun;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A gateway to several servers: a cluster, or those that a Sentinel watches. */
@Timeout(60)
class RedisServersIT {
    private static final RedisScript SET = RedisScript.of("set", "redis.call('SET', KEYS[1], ARGV[1]) return ARGV[1]");
    private static final RedisScript COUNT = RedisScript.of("count", "return redis.call('INCRBY', KEYS[1], ARGV[1])");

    private final Vertx vertx = Vertx.vertx();
    private final OnLoop loop = new OnLoop(vertx.getOrCreateContext());
    private final AtomicInteger backs = new AtomicInteger();

    @AfterEach
    void stop() {
        Sql.await(vertx.close());
    }

    @Test
    void calls_find_their_master_and_answers_their_place() {
        try (RedisCluster cluster = RedisCluster.start(0)) {
            RedisGateway gateway = open(cluster.url());
            List<ScriptRun> runs = IntStream.range(0, 100)
                    .mapToObj(i -> new ScriptRun(List.of("{u:" + i + "}:n"), List.<Object>of(i)))
                    .toList();
            for (int round = 1; round <= 2; round++) {
                assertThat(loop.call(() -> gateway.evalEach(SET, runs)))
                        .extracting(Response::toInteger)
                        .containsExactlyElementsOf(
                                IntStream.range(0, 100).boxed().toList());
                cluster.server(round).tell("SCRIPT FLUSH");
            }
            assertThat(IntStream.range(0, 3).mapToObj(i -> cluster.server(i).tell("DBSIZE")))
                    .noneMatch(":0\r\n"::equals);
            assertThat(loop.call(gateway::processes)).hasSize(3);

            List<String> keys = List.of("{u:99}:n", "{u:none}:n", "{u:1}:n", "{u:50}:n");
            assertThat(loop.call(() -> gateway.values(keys)).stream().map(String::valueOf))
                    .containsExactly("99", "null", "1", "50");

            assertThat(keys(gateway, "{u:*}:n"))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 100)
                            .mapToObj(i -> "{u:%d}:n".formatted(i))
                            .toList());

            List<String> marks = loop.call(() -> Future.succeededFuture(gateway.keysOfMasters("mark")));
            assertThat(marks.stream().map(cluster::masterOf))
                    .containsExactly(cluster.server(0), cluster.server(1), cluster.server(2));
            assertThatThrownBy(() -> loop.call(() -> gateway.send(request(Command.LPUSH, "{u:1}:n", "x"))))
                    .hasMessageContaining("WRONGTYPE");
        }
    }

    @Test
    void a_slot_that_moves_to_another_master_is_followed() {
        try (RedisCluster cluster = RedisCluster.start(0)) {
            RedisGateway gateway = open(cluster.url());
            String key = "{u:1}:n";
            TestRedis from = cluster.masterOf(key);
            TestRedis to = IntStream.range(0, 3)
                    .mapToObj(cluster::server)
                    .filter(server -> server != from)
                    .findFirst()
                    .orElseThrow();
            String slot = cluster.slotOf(key);
            to.tell("CLUSTER SETSLOT " + slot + " IMPORTING " + idOf(from));
            from.tell("CLUSTER SETSLOT " + slot + " MIGRATING " + idOf(to));
            assertThat(count(gateway, key)).isEqualTo(1);
            set(gateway, key, 7);
            assertThat(count(gateway, key)).isEqualTo(8);
            assertThat(from.tell("GET " + key)).startsWith("-ASK ");

            for (int i = 0; i < 3; i++) {
                cluster.server(i).tell("CLUSTER SETSLOT " + slot + " NODE " + idOf(to));
            }
            set(gateway, key, 20);
            assertThat(count(gateway, key)).isEqualTo(21);
            assertThat(to.tell("GET " + key)).contains("21");
            assertThat(backs).hasValue(0);
        }
    }

    @Test
    void a_cluster_with_a_master_missing_is_away_until_that_is_back() {
        try (RedisCluster cluster = RedisCluster.start(0)) {
            RedisGateway gateway = open(cluster.url());
            cluster.server(1).kill();
            await().until(() -> !gateway.isConnected());
            Future<Response> refused = loop.settled(() -> gateway.send(request(Command.PING)));
            assertThat(HeraldException.failureOf(refused.cause())).isEqualTo(Failure.UNAVAILABLE);
            cluster.restart(cluster.server(1));
            await().until(() -> backs.get() == 1);
            assertThat(count(gateway, "{u:1}:n")).isEqualTo(1);
        }
    }

    @Test
    void a_master_that_sentinels_have_replaced_is_left_though_it_still_answers() {
        try (RedisFailover servers = new RedisFailover()) {
            RedisGateway gateway = open(servers.url());
            String before = RedisProcess.runIds(loop.call(gateway::processes));
            servers.replace();
            await().until(() -> backs.get() > 0);
            assertThat(RedisProcess.runIds(loop.call(gateway::processes))).isNotEqualTo(before);
            loop.call(() -> gateway.send(request(Command.SET, "k", "new")));
            assertThat(servers.replica().tell("GET k")).contains("new");
            assertThat(servers.master().tell("ROLE")).contains("master");
            assertThat(servers.master().tell("GET k")).doesNotContain("new");
        }
    }

    /** On all pages, once each. */
    private Set<String> keys(RedisGateway gateway, String pattern) {
        Set<String> keys = new HashSet<>();
        String place = "";
        do {
            String from = place;
            KeyPage page = loop.call(() -> gateway.keys(pattern, from, 10));
            keys.addAll(page.keys());
            place = page.next();
        } while (!place.isEmpty());
        return keys;
    }

    private int count(RedisGateway gateway, String key) {
        return loop.call(() -> gateway.eval(COUNT, List.of(key), 1)).toInteger();
    }

    /** In one write with the key of another slot. */
    private void set(RedisGateway gateway, String key, int value) {
        List<List<String>> keys = List.of(List.of("{u:9}:n"), List.of(key));
        assertThat(loop.call(() -> gateway.evalEach(SET, keys, value)))
                .extracting(Response::toInteger)
                .containsExactly(value, value);
    }

    private static String idOf(TestRedis server) {
        return server.tell("CLUSTER MYID").lines().skip(1).findFirst().orElseThrow();
    }

    private RedisGateway open(String url) {
        return loop.call(
                () -> RedisGateway.open(vertx, url, calls -> Future.succeededFuture(), backs::incrementAndGet));
    }
}
