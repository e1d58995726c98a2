package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.Blocked;
import dev.herald.it.LocalNode;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What requests wait for is their own affair. */
@Timeout(120)
class RequestsIT {
    @Test
    void requests_that_wait_for_one_channel_hold_up_no_message_of_another() {
        String postgres = Stores.freshPostgres();
        Vertx vertx = Vertx.vertx();
        try (LocalNode node = LocalNode.start(Map.of("postgres.url", postgres));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Stream.of("held", "free").forEach(channel -> node.post("/channel", """
                    {"channel_id":"%s","channel_type":2,"subscribers":["ann"]}""".formatted(channel)));
            PgClients pg = PgClients.open(vertx, postgres, 2);
            try (Blocked held = Blocked.by(pg, "select from channel where channel_id = 'held' for update")) {
                // A machine that stands still may outlast the wait for a lock: then the requests end first, once.
                await().until(() -> {
                    var changes = IntStream.range(0, 40)
                            .mapToObj(i -> CompletableFuture.supplyAsync(() -> change(node, i), callers))
                            .toList();
                    held.awaitWaiting(1, Future.fromCompletionStage(changes.getFirst()));
                    assertThat(node.post("/message/send", """
                                    {"channel_id":"free","channel_type":2,"from_uid":"ann","payload":"aGk="}""").statusCode()).isEqualTo(200);
                    return changes.stream().noneMatch(CompletableFuture::isDone);
                });
            }
        } finally {
            vertx.close();
        }
    }

    private static int change(LocalNode node, int round) {
        return node.post("/channel/info", """
                        {"channel_id":"held","channel_type":2,"ban":%d}""".formatted(round % 2)).statusCode();
    }
}
