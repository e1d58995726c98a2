package dev.herald.stream;

import io.vertx.core.json.Json;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One event of a message (wukong-interfaces section 3.4).
 *
 * @param seq its place among the events of its message, from 1; 0 until it is stored
 * @param key what of the message it belongs to: each key is a stream of its own
 * @param id a repeat within the key is known by it
 * @param visibility empty, {@code public}, {@code private} or {@code restricted}
 * @param payload JSON text; empty for none
 */
public record StreamEvent(
        long seq, String key, String id, String type, String visibility, long occurredAtMillis, String payload) {
    /** The key of events that name none. */
    public static final String MAIN = "main";

    /** The key of the end of the whole message. */
    public static final String WHOLE = "__finish__";

    public static final String DELTA = "stream.delta";
    public static final String SNAPSHOT = "stream.snapshot";
    public static final String CLOSE = "stream.close";
    public static final String ERROR = "stream.error";
    public static final String CANCEL = "stream.cancel";
    public static final String FINISH = "stream.finish";

    public static final String PRIVATE = "private";
    public static final String RESTRICTED = "restricted";

    private static final Set<String> ENDS = Set.of(CLOSE, ERROR, CANCEL, FINISH);

    /** Whether its key takes nothing more behind it. */
    public boolean ends() {
        return ENDS.contains(type);
    }

    /** Whether everybody in the channel may know of it. */
    public boolean isPublic() {
        return !visibility.equals(PRIVATE) && !visibility.equals(RESTRICTED);
    }

    /** The payload's JSON value. */
    public @Nullable Object value() {
        return payload.isEmpty() ? null : Json.decodeValue(payload);
    }

    StreamEvent at(long place) {
        return new StreamEvent(place, key, id, type, visibility, occurredAtMillis, payload);
    }

    StreamEvent with(String newPayload) {
        return new StreamEvent(seq, key, id, type, visibility, occurredAtMillis, newPayload);
    }
}
