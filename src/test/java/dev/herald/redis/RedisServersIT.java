package dev.herald.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.RedisCluster;
import dev.herald.it.RedisFailover;
import dev.herald.it.TestRedis;
import dev.herald.redis.RedisGateway.ScriptRun;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
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
    private final Context context = vertx.getOrCreateContext();
    private final AtomicInteger backs = new AtomicInteger();

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void calls_find_their_master_and_answers_their_place() {
        try (RedisCluster cluster = RedisCluster.start(0)) {
            RedisGateway gateway = open(cluster.url());
            List<ScriptRun> runs = IntStream.range(0, 100)
                    .mapToObj(i -> new ScriptRun(List.of("{u:" + i + "}:n"), List.<Object>of(i)))
                    .toList();
            for (int round = 1; round <= 2; round++) {
                assertThat(call(() -> gateway.evalEach(SET, runs)))
                        .extracting(Response::toInteger)
                        .containsExactlyElementsOf(
                                IntStream.range(0, 100).boxed().toList());
                cluster.server(round).tell("SCRIPT FLUSH");
            }
            assertThat(IntStream.range(0, 3).mapToObj(i -> cluster.server(i).tell("DBSIZE")))
                    .noneMatch(":0\r\n"::equals);
            assertThat(call(gateway::processes)).hasSize(3);

            List<String> keys = List.of("{u:99}:n", "{u:none}:n", "{u:1}:n", "{u:50}:n");
            assertThat(call(() -> gateway.values(keys)).stream().map(String::valueOf))
                    .containsExactly("99", "null", "1", "50");

            List<String> marks = call(() -> Future.succeededFuture(gateway.keysOfMasters("mark")));
            assertThat(marks.stream().map(cluster::masterOf))
                    .containsExactly(cluster.server(0), cluster.server(1), cluster.server(2));
            assertThatThrownBy(() -> call(() -> gateway.send(cmd(Command.LPUSH, "{u:1}:n", "x"))))
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
            Future<Response> refused = settled(() -> gateway.send(cmd(Command.PING)));
            assertThat(HeraldException.failureOf(refused.cause())).isEqualTo(Failure.UNAVAILABLE);
            cluster.restart(cluster.server(1));
            await().atMost(Duration.ofSeconds(20)).until(() -> backs.get() == 1);
            assertThat(count(gateway, "{u:1}:n")).isEqualTo(1);
        }
    }

    @Test
    void a_master_that_sentinels_have_replaced_is_left_though_it_still_answers() {
        try (RedisFailover servers = new RedisFailover()) {
            RedisGateway gateway = open(servers.url());
            String before = RedisProcess.runIds(call(gateway::processes));
            servers.replace();
            await().atMost(Duration.ofSeconds(20)).until(() -> backs.get() > 0);
            assertThat(RedisProcess.runIds(call(gateway::processes))).isNotEqualTo(before);
            call(() -> gateway.send(cmd(Command.SET, "k", "new")));
            assertThat(servers.replica().tell("GET k")).contains("new");
            assertThat(servers.master().tell("ROLE")).contains("master");
            assertThat(servers.master().tell("GET k")).doesNotContain("new");
        }
    }

    private int count(RedisGateway gateway, String key) {
        return call(() -> gateway.eval(COUNT, List.of(key), 1)).toInteger();
    }

    /** In one write with the key of another slot. */
    private void set(RedisGateway gateway, String key, int value) {
        List<List<String>> keys = List.of(List.of("{u:9}:n"), List.of(key));
        assertThat(call(() -> gateway.evalEach(SET, keys, value)))
                .extracting(Response::toInteger)
                .containsExactly(value, value);
    }

    private static String idOf(TestRedis server) {
        return server.tell("CLUSTER MYID").lines().skip(1).findFirst().orElseThrow();
    }

    private RedisGateway open(String url) {
        return call(() -> RedisGateway.open(vertx, url, calls -> Future.succeededFuture(), backs::incrementAndGet));
    }

    private <T> Future<T> settled(Supplier<Future<T>> work) {
        return call(() -> {
            Future<T> result = work.get();
            return result.transform(done -> Future.succeededFuture(result));
        });
    }

    private <T> T call(Supplier<Future<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        context.runOnContext(go -> work.get().onComplete(result::complete, result::completeExceptionally));
        return result.orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static Request cmd(Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) {
            request.arg(String.valueOf(arg));
        }
        return request;
    }
}
