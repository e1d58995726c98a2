package dev.herald.presence.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class PaceTest {

    @Test
    void a_walk_rests_until_there_is_room_for_what_it_finds(Vertx vertx) {
        AtomicBoolean hasRoom = new AtomicBoolean();
        AtomicInteger asked = new AtomicInteger();
        Pace pace = new Pace(vertx, () -> {
            asked.incrementAndGet();
            return hasRoom.get();
        });
        Future<Void> rested = pace.rest(System.nanoTime());
        await().until(() -> asked.get() > 2);
        assertThat(rested.isComplete()).isFalse();
        hasRoom.set(true);
        await().until(rested::succeeded);
    }

    @Test
    void a_walk_that_waits_for_room_ends_with_the_node(Vertx vertx) {
        Pace pace = new Pace(vertx, () -> false);
        Future<Void> rested = pace.rest(System.nanoTime());
        pace.stop();
        await().until(rested::failed);
    }
}
