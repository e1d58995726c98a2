package dev.herald.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyStateTest {
    @Test
    void deltas_of_text_add_up() {
        KeyState state = after(text("Hel"), text("lo"), delta("{\"kind\":\"text\"}"));

        assertThat(state).isEqualTo(new KeyState("open", 3, snapshot("Hello"), 0, ""));
    }

    @Test
    void of_anything_else_the_newest_counts() {
        assertThat(after(delta("{\"n\":1}"), delta("{\"n\":2}")).snapshot()).isEqualTo(JsonObject.of("n", 2));
        assertThat(after(text("a"), delta("[1]"), text("b")).snapshot()).isEqualTo(snapshot("b"));
        assertThat(after(text("a"), delta("")).snapshot()).isEqualTo(snapshot("a"));
    }

    @Test
    void text_goes_on_from_a_snapshot() {
        String begun = "{\"kind\":\"text\",\"text\":\"so far\"}";

        assertThat(after(text("lost"), event("stream.snapshot", begun), text(", so good"))
                        .snapshot())
                .isEqualTo(snapshot("so far, so good"));
    }

    @Test
    void a_snapshot_or_an_own_type_opens_nothing() {
        assertThat(after(event("stream.snapshot", "1"), event("reaction", "2")))
                .isEqualTo(new KeyState("", 2, 1, 0, ""));
    }

    @Test
    void an_end_says_how() {
        assertThat(after(text("a"), event("stream.close", "{\"end_reason\":3}")))
                .isEqualTo(new KeyState("closed", 2, snapshot("a"), 3, ""));
        assertThat(after(event("stream.error", "{\"error\":\"no\",\"snapshot\":7}")))
                .isEqualTo(new KeyState("error", 1, 7, 0, "no"));
        assertThat(after(event("stream.cancel", "")).status()).isEqualTo("cancelled");
        assertThat(after(event("stream.finish", "")).status()).isEqualTo("closed");
        assertThat(after(event("stream.close", "{\"end_reason\":256,\"error\":1}")))
                .isEqualTo(new KeyState("closed", 1, null, 0, ""));
    }

    @Test
    void an_end_keeps_what_came_unless_it_brings_its_own() {
        KeyState state = after(text("Hello"));

        assertThat(state.endedBy(event("stream.close", "{\"end_reason\":1}")))
                .isEqualTo(JsonObject.of("end_reason", 1, "snapshot", snapshot("Hello")));
        assertThat(state.endedBy(event("stream.close", "{\"snapshot\":1}"))).isEqualTo(JsonObject.of("snapshot", 1));
        assertThat(state.endedBy(event("stream.close", "")).encode())
                .isEqualTo("{\"snapshot\":{\"kind\":\"text\",\"text\":\"Hello\"}}");
        assertThat(state.endedBy(event("stream.close", "5")))
                .isEqualTo(JsonObject.of("raw_payload", 5, "snapshot", snapshot("Hello")));
    }

    private static KeyState after(StreamEvent... events) {
        return KeyState.of(IntStream.range(0, events.length)
                .mapToObj(i -> new StreamEvent(i + 1, "main", "e" + i, events[i].type(), "", 0, events[i].payload()))
                .toList());
    }

    private static StreamEvent text(String text) {
        return delta(JsonObject.of("kind", "text", "delta", text).encode());
    }

    private static StreamEvent delta(String payload) {
        return event("stream.delta", payload);
    }

    private static StreamEvent event(String type, String payload) {
        return new StreamEvent(0, "main", "e", type, "", 0, payload);
    }

    private static JsonObject snapshot(String text) {
        return JsonObject.of("kind", "text", "text", text);
    }
}
