package dev.herald.api.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.eventlog.MessageEvents.Acknowledgement;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceRouteTest {
    private static final Instant FIRST = Instant.parse("2026-11-22T10:00:00Z");
    private static final Instant AGAIN = FIRST.plusSeconds(5);

    @Test
    void the_first_acknowledgement_of_each_device_is_looked_up() {
        assertThat(TraceRoute.acknowledgements(List.of(
                        step("acknowledged", "2a", 1, FIRST),
                        step("sent", "b", 0, FIRST),
                        step("acknowledged", "a", 12, FIRST),
                        step("acknowledged", "2a", 1, AGAIN))))
                .containsExactly(new Acknowledgement("2a", 1, FIRST), new Acknowledgement("a", 12, FIRST));
    }

    private static JsonObject step(String what, String uid, int deviceFlag, Instant at) {
        return JsonObject.of("what", what, "uid", uid, "device_flag", deviceFlag, "at", at.toString());
    }
}
