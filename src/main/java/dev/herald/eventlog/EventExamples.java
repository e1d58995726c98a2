package dev.herald.eventlog;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What each type of event looks like: JSON schemas with examples, {@code standard} of the envelope and {@code wukong} of a body. */
public final class EventExamples {
    private static final Map<EventType, JsonObject> ALL = Arrays.stream(EventType.values())
            .filter(type -> EventType.outside().contains(type))
            .collect(Collectors.toMap(type -> type, type -> load(type.value())));

    private static final JsonObject BATCH = load("batch");

    private EventExamples() {}

    /** The envelope around several events, {@code standard} only. */
    public static JsonObject batch() {
        return BATCH.copy();
    }

    public static JsonObject of(EventType type) {
        return Objects.requireNonNull(ALL.get(type)).copy();
    }

    private static JsonObject load(String name) {
        String resource = "/events/" + name + ".json";
        try (InputStream in = EventExamples.class.getResourceAsStream(resource)) {
            return new JsonObject(
                    new String(Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
