package dev.herald.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.Ports;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
    private final Context context = vertx.getOrCreateContext();
    private final int port = Ports.free();
    private final String url = "redis://127.0.0.1:" + port;
    private RedisServer server = server();
    private RedisGateway gateway;

    @BeforeEach
    void start() throws IOException {
        server.start();
        gateway = call(() -> RedisGateway.open(vertx, url));
    }

    @AfterEach
    void stop() throws IOException {
        call(gateway::close);
        server.stop();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        vertx.close().onComplete(done -> closed.complete(null));
        closed.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Test
    void comes_back_after_its_connection_was_killed() {
        for (int i = 0; i < 3; i++) {
            call(() -> gateway.send(cmd(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "no"))
                    .otherwiseEmpty());
            await().until(() -> ping().succeeded());
        }
    }

    @Test
    void fails_fast_while_redis_is_down_and_comes_back_on_the_same_port() throws IOException {
        server.stop();
        await().until(() -> !gateway.isConnected());
        long before = System.nanoTime();
        assertThat(Failure.UNAVAILABLE).isEqualTo(HeraldException.failureOf(ping().cause()));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));

        server = server();
        server.start();
        await().until(() -> ping().succeeded());
        assertThat(call(() -> gateway.eval(COUNT, List.of("n"), 7)).toLong()).isEqualTo(7);
    }

    @Test
    void what_is_in_flight_fails_when_the_connection_is_lost_and_counts_no_more() {
        List<Future<Response>> calls = call(() -> {
            gateway.send(cmd(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "no"))
                    .onFailure(expected -> {});
            List<Future<Response>> behind = pings(RedisGateway.MAX_IN_FLIGHT - 1);
            return Future.join(behind).transform(done -> Future.succeededFuture(behind));
        });
        assertThat(calls).anyMatch(Future::failed);
        assertThat(calls.stream().filter(Future::failed).map(Future::cause))
                .allMatch(cause -> HeraldException.failureOf(cause) == Failure.UNAVAILABLE);

        await().until(() -> ping().succeeded());
        List<Future<Response>> full = call(() -> {
            List<Future<Response>> sent = pings(RedisGateway.MAX_IN_FLIGHT);
            return Future.join(sent).transform(done -> Future.succeededFuture(sent));
        });
        assertThat(full).allMatch(Future::succeeded);
    }

    @Test
    void refuses_calls_over_its_bound() {
        Future<Response> refused = call(() -> {
            pings(RedisGateway.MAX_IN_FLIGHT).forEach(ping -> ping.onFailure(never -> {}));
            Future<Response> overBound = gateway.send(cmd(Command.PING));
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
            List<Response> replies = call(() -> gateway.evalEach(COUNT, keys, 1));
            assertThat(replies)
                    .extracting(Response::toLong)
                    .containsExactly(2L * expected - 1, (long) expected, 2L * expected);
            call(() -> gateway.send(cmd(Command.SCRIPT, "FLUSH")));
        }
        assertThat(call(() -> gateway.eval(COUNT, List.of("c"), 3)).toLong()).isEqualTo(3);
    }

    @Test
    void an_error_reply_stays_what_it_is_and_costs_no_connection() {
        call(() -> gateway.send(cmd(Command.SET, "text", "x")));
        assertThatThrownBy(() -> call(() -> gateway.eval(COUNT, List.of("text"), 1)))
                .hasMessageContaining("not an integer")
                .extracting(cause -> HeraldException.failureOf(cause.getCause()))
                .isEqualTo(Failure.INTERNAL);
        assertThat(gateway.isConnected()).isTrue();
    }

    @Test
    void values_come_in_the_order_of_their_keys() {
        call(() -> gateway.send(cmd(Command.SET, "one", "1")));
        call(() -> gateway.send(cmd(Command.SET, "two", "2")));
        assertThat(call(() -> gateway.values(List.of("two", "none", "one"))).stream()
                        .map(String::valueOf))
                .containsExactly("2", "null", "1");
        assertThat(call(() -> gateway.values(List.of()))).isEmpty();
    }

    @Test
    void opening_fails_clearly_if_nothing_listens() {
        int nobody = Ports.free();
        assertThatThrownBy(() -> call(() -> RedisGateway.open(vertx, "redis://:secret@127.0.0.1:" + nobody)))
                .hasMessageContaining("Redis cannot be reached")
                .hasMessageNotContaining("secret");
    }

    @Test
    void opening_fails_within_its_deadline_if_the_peer_is_silent() {
        NetServer silent = vertx.createNetServer().connectHandler(socket -> socket.handler(ignored -> {}));
        int silentPort = call(() -> silent.listen(0, "127.0.0.1")).actualPort();
        long before = System.nanoTime();
        assertThatThrownBy(() -> call(() -> RedisGateway.open(vertx, "redis://127.0.0.1:" + silentPort)))
                .hasMessageContaining("Redis cannot be reached");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void a_frozen_redis_fails_what_waits_for_it() {
        Future<Response> stuck = call(() -> {
            gateway.send(cmd(Command.DEBUG, "SLEEP", "14")).onFailure(expected -> {});
            Future<Response> behind = gateway.send(cmd(Command.PING));
            return behind.transform(done -> Future.succeededFuture(behind));
        });
        assertThat(HeraldException.failureOf(stuck.cause())).isEqualTo(Failure.UNAVAILABLE);
        await().atMost(Duration.ofSeconds(20)).until(() -> ping().succeeded());
    }

    private List<Future<Response>> pings(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> gateway.send(cmd(Command.PING)))
                .toList();
    }

    private Future<Response> ping() {
        return call(() -> {
            Future<Response> answer = gateway.send(cmd(Command.PING));
            return answer.transform(done -> Future.succeededFuture(answer));
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
