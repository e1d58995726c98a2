package dev.herald.socket.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.Activity;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(60)
class ActivitiesTest {

    @Test
    void bounds_the_users_of_one_message_and_keeps_their_newest_times(Vertx vertx) {
        Bus bus = new Bus(vertx);
        List<Activity> told = new CopyOnWriteArrayList<>();
        bus.hear(Addresses.ACTIVITY, told::add);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Activities activities = new Activities(bus, meters);
        for (int i = 0; i < Activities.MAX_USERS; i++) {
            activities.note("u" + i, 1);
        }
        activities.note("late", 2);
        activities.note("u0", 3);
        activities.tell();
        activities.tell();
        activities.note("late", 4);
        activities.tell();

        await().until(() -> told.size() == 2);
        assertThat(told.getFirst().lastMs())
                .hasSize(Activities.MAX_USERS)
                .containsEntry("u0", 3L)
                .doesNotContainKey("late");
        assertThat(told.getLast()).isEqualTo(new Activity(Map.of("late", 4L)));
        assertThat(meters.counter("herald.activities.dropped").count()).isEqualTo(1);
    }

    @Test
    void tells_early_enough_for_a_user_who_is_active_only_briefly() {
        assertThat(List.of(Duration.ofSeconds(2), Duration.ofMinutes(5)))
                .extracting(Activities::interval)
                .containsExactly(Duration.ofMillis(500), Duration.ofSeconds(10));
    }
}
