package dev.herald.redis;

import static dev.herald.it.TestRedis.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.OnLoop;
import dev.herald.it.Ports;
import dev.herald.it.Sql;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;

@Timeout(60)
class RedisGatewayIT {
    private static final RedisScript COUNT = script("return redis.call('INCRBY', KEYS[1], ARGV[1])");

    private final Vertx vertx = Vertx.vertx();
    private final OnLoop loop = new OnLoop(vertx.getOrCreateContext());
    private final int port = Ports.free();
    private final String url = "redis://127.0.0.1:" + port;
    private RedisServer server = server();
    private RedisGateway gateway;

    @BeforeEach
    void start() throws IOException {
        server.start();
        gateway = loop.call(() -> RedisGateway.open(vertx, url));
    }

    @AfterEach
    void stop() throws IOException {
        loop.call(gateway::close);
        server.stop();
        Sql.await(vertx.close());
    }

    @Test
    void comes_back_after_its_connection_was_killed() {
        for (int i = 0; i < 3; i++) {
            loop.call(() -> gateway.send(request(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "no"))
                    .otherwiseEmpty());
            await().until(() -> ping().succeeded());
        }
    }

    @Test
    void fails_fast_while_redis_is_down_and_comes_back_on_the_same_port() throws IOException {
        server.stop();
        await().until(() -> !gateway.isConnected());
        assertThat(ping().cause())
                .as("said at once, by who waits for no answer")
                .hasMessage("Redis is not connected")
                .extracting(HeraldException::failureOf)
                .isEqualTo(Failure.UNAVAILABLE);

        server = server();
        server.start();
        await().until(() -> ping().succeeded());
        assertThat(loop.call(() -> gateway.eval(COUNT, List.of("n"), 7)).toLong())
                .isEqualTo(7);
    }

    @Test
    void what_is_in_flight_fails_when_the_connection_is_lost_and_counts_no_more() {
        List<Future<Response>> calls = loop.call(() -> {
            gateway.send(request(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "no"))
                    .onFailure(expected -> {});
            List<Future<Response>> behind = pings(RedisGateway.MAX_IN_FLIGHT - 1);
            return Future.join(behind).transform(done -> Future.succeededFuture(behind));
        });
        assertThat(calls).anyMatch(Future::failed);
        assertThat(calls.stream().filter(Future::failed).map(Future::cause))
                .allMatch(cause -> HeraldException.failureOf(cause) == Failure.UNAVAILABLE);

        await().until(() -> ping().succeeded());
        List<Future<Response>> full = loop.call(() -> {
            List<Future<Response>> sent = pings(RedisGateway.MAX_IN_FLIGHT);
            return Future.join(sent).transform(done -> Future.succeededFuture(sent));
        });
        assertThat(full).allMatch(Future::succeeded);
    }

    @Test
    void refuses_calls_over_its_bound() {
        Future<Response> refused = loop.call(() -> {
            pings(RedisGateway.MAX_IN_FLIGHT).forEach(ping -> ping.onFailure(never -> {}));
            Future<Response> overBound = gateway.send(request(Command.PING));
            return overBound.transform(done -> Future.succeededFuture(overBound));
        });
        assertThat(HeraldException.failureOf(refused.cause())).isEqualTo(Failure.OVERLOADED);
        await().until(() -> ping().succeeded());
    }

    @Test
    void runs_a_script_that_redis_has_forgotten() {
        List<List<String>> keys = List.of(List.of("a"), List.of("b"), List.of("a"));
        for (int round = 1; round <= 2; round++) {
            int expected = round;
            List<Response> replies = loop.call(() -> gateway.evalEach(COUNT, keys, 1));
            assertThat(replies)
                    .extracting(Response::toLong)
                    .containsExactly(2L * expected - 1, (long) expected, 2L * expected);
            loop.call(() -> gateway.send(request(Command.SCRIPT, "FLUSH")));
        }
        assertThat(loop.call(() -> gateway.eval(COUNT, List.of("c"), 3)).toLong())
                .isEqualTo(3);
    }

    @Test
    void an_error_reply_stays_what_it_is_and_costs_no_connection() {
        loop.call(() -> gateway.send(request(Command.SET, "text", "x")));
        assertThatThrownBy(() -> loop.call(() -> gateway.eval(COUNT, List.of("text"), 1)))
                .hasMessageContaining("not an integer")
                .extracting(HeraldException::failureOf)
                .isEqualTo(Failure.INTERNAL);
        assertThat(gateway.isConnected()).isTrue();
    }

    @Test
    void values_come_in_the_order_of_their_keys() {
        loop.call(() -> gateway.send(request(Command.SET, "one", "1")));
        loop.call(() -> gateway.send(request(Command.SET, "two", "2")));
        assertThat(loop.call(() -> gateway.values(List.of("two", "none", "one"))).stream()
                        .map(String::valueOf))
                .containsExactly("2", "null", "1");
        assertThat(loop.call(() -> gateway.values(List.of()))).isEmpty();
    }

    @Test
    void opening_fails_clearly_if_nothing_listens() {
        int nobody = Ports.free();
        assertThatThrownBy(() -> loop.call(() -> RedisGateway.open(vertx, "redis://:secret@127.0.0.1:" + nobody)))
                .hasMessageContaining("Redis cannot be reached")
                .hasMessageNotContaining("secret");
    }

    @Test
    void opening_fails_within_its_deadline_if_the_peer_is_silent() {
        NetServer silent = vertx.createNetServer().connectHandler(socket -> socket.handler(ignored -> {}));
        int silentPort = loop.call(() -> silent.listen(0, "127.0.0.1")).actualPort();
        long before = System.nanoTime();
        assertThatThrownBy(() -> loop.call(() -> RedisGateway.open(vertx, "redis://127.0.0.1:" + silentPort)))
                .hasMessageContaining("Redis cannot be reached");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void a_frozen_redis_fails_what_waits_for_it() {
        Future<Response> stuck = loop.call(() -> {
            gateway.send(request(Command.DEBUG, "SLEEP", "14")).onFailure(expected -> {});
            Future<Response> behind = gateway.send(request(Command.PING));
            return behind.transform(done -> Future.succeededFuture(behind));
        });
        assertThat(HeraldException.failureOf(stuck.cause())).isEqualTo(Failure.UNAVAILABLE);
        await().until(() -> ping().succeeded());
    }

    private List<Future<Response>> pings(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> gateway.send(request(Command.PING)))
                .toList();
    }

    private Future<Response> ping() {
        return loop.settled(() -> gateway.send(request(Command.PING)));
    }

    private static RedisScript script(String source) {
        return RedisScript.of("test", source);
    }

    private RedisServer server() {
        try {
            return RedisServer.newRedisServer()
                    .port(port)
                    .bind("127.0.0.1")
                    .setting("save \"\"")
                    .build();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
