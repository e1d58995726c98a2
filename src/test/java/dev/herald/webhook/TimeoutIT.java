package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.online;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.Receiver.Answer;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long each part of a request may take. */
@Timeout(60)
class TimeoutIT {
    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    @BeforeEach
    void open() throws Exception {
        world.config.put("webhook.timeout", "PT1.5S");
    }

    /** As behind a firewall that drops packets: the queue of connections that wait to be accepted is full. */
    @Test
    void a_host_that_does_not_answer_is_given_up_before_the_request_is() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Socket> waiting = fill(silent);
            world.config.put("webhook.url", "http://127.0.0.1:" + silent.getLocalPort() + "/");
            world.node(1);
            world.append(online("u1", 1));
            await().until(() -> !world.lastStatus().isEmpty());
            assertThat(world.lastStatus()).matches("no connection in time|.*connection timed out.*");
            for (Socket each : waiting) {
                each.close();
            }
        }
    }

    @Test
    void a_name_server_that_does_not_answer_is_given_up_before_the_request_is() throws Exception {
        world.names = vertx -> host -> Promise.<List<InetAddress>>promise().future();
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> world.lastStatus().equals("no connection in time"));
        assertThat(world.receiver.arrivals()).isEmpty();
    }

    @Test
    void a_receiver_that_takes_the_request_and_does_not_answer_is_given_up_before_the_whole_time_is_over()
            throws Exception {
        world.receiver.answer(arrival -> Answer.hang());
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> world.lastStatus().equals("no answer in time"));
        assertThat(world.receiver.arrivals()).isNotEmpty();
        assertThat(world.number("select count(*) from webhook_attempt where delivered"))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 500})
    void the_status_of_an_answer_that_does_not_end_counts_when_the_whole_time_is_over(int status) throws Exception {
        world.receiver.answer(arrival -> (vertx, request) ->
                request.response().setStatusCode(status).setChunked(true).write("and so on"));
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> world.lastStatus().equals(Integer.toString(status)));
        var made = world.query("select delivered, latency_ms from webhook_attempt where status = '%d' limit 1"
                        .formatted(status))
                .iterator()
                .next();
        assertThat(made.getBoolean("delivered")).isEqualTo(status == 200);
        assertThat(made.getInteger("latency_ms")).isGreaterThan(1_400);
    }

    /** Until the next connection finds no place. */
    private static List<Socket> fill(ServerSocket server) throws IOException {
        List<Socket> waiting = new ArrayList<>();
        while (true) {
            Socket next = new Socket();
            try {
                next.connect(server.getLocalSocketAddress(), 300);
                waiting.add(next);
            } catch (SocketTimeoutException e) {
                next.close();
                return waiting;
            }
        }
    }
}
