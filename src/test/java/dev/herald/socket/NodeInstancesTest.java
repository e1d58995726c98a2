package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.LiveSessions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class NodeInstancesTest {

    @Test
    void who_is_connected_is_not_told_before_every_event_loop_has_answered(Vertx vertx) {
        NodeInstances instances = new NodeInstances();
        Context stuck = ((VertxInternal) vertx).createEventLoopContext();
        instances.add(new Sessions(new NodeUsers()), ((VertxInternal) vertx).createEventLoopContext());
        instances.add(new Sessions(new NodeUsers()), stuck);
        CountDownLatch released = new CountDownLatch(1);
        stuck.runOnContext(v -> standStill(released));

        Future<LiveSessions> report = instances.report();
        await().during(Duration.ofMillis(300)).until(() -> !report.isComplete());
        released.countDown();
        await().until(report::succeeded);
        assertThat(report.result().sessions()).isEmpty();
    }

    private static void standStill(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
