package dev.herald.webhook.post;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.webhook.lane.Leases.Lease;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();
    private final AtomicInteger requests = new AtomicInteger();
    private final HttpServer server = vertx.createHttpServer()
            .requestHandler(request -> {
                requests.incrementAndGet();
                request.response().end();
            })
            .listen(0, "127.0.0.1")
            .await();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void sends_under_a_lease_that_stands() {
        Future<Outcome> outcome = attempt(Lease.endless());
        await().until(outcome::isComplete);
        assertThat(outcome.result().delivered()).isTrue();
        assertThat(requests).hasValue(1);
    }

    /** A process that slept has a connection before the timer that renews its leases has run. */
    @Test
    void sends_nothing_when_the_lease_has_ended_while_it_connected() {
        Future<Outcome> outcome = attempt(new Lease(System.nanoTime(), 0));
        await().until(outcome::isComplete);
        assertThat(outcome.failed()).isTrue();
        Future<Outcome> next = attempt(Lease.endless());
        await().until(next::isComplete);
        assertThat(requests).hasValue(1);
    }

    private Future<Outcome> attempt(Lease lease) {
        Attempt attempt = new Attempt(vertx, Clock.systemUTC(), Attempt.Limits.of(Duration.ofSeconds(9)), lease);
        attempt.start(client.request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/"), Buffer.buffer("{}"));
        return attempt.outcome();
    }
}
