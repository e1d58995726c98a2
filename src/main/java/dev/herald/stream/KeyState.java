package dev.herald.stream;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the events of one key have made of it.
 *
 * @param status {@code open}, {@code closed}, {@code error} or {@code cancelled}; empty if no stream has begun
 * @param snapshot JSON value of what has come so far; null if nothing has
 * @param endReason as the event said that closed it, from 0 to 255
 * @param error as the event said that broke it off
 */
public record KeyState(
        String status, long lastSeq, @Nullable Object snapshot, int endReason, String error) {
    public static final String OPEN = "open";

    private static final String CLOSED = "closed";
    private static final String BROKEN = "error";
    private static final String CANCELLED = "cancelled";

    private static final String KIND = "kind";
    private static final String TEXT = "text";
    private static final String SNAPSHOT = "snapshot";
    private static final int MAX_REASON = 0xff;

    public boolean isOver() {
        return !status.isEmpty() && !status.equals(OPEN);
    }

    /** @param events of one key, in their order */
    public static KeyState of(List<StreamEvent> events) {
        Fold fold = new Fold();
        events.forEach(fold::add);
        return new KeyState(fold.status, fold.lastSeq, fold.snapshot(), fold.endReason, fold.error);
    }

    /** The payload of an event that ends this state, with what has come; its own word on that goes first. */
    JsonObject endedBy(StreamEvent end) {
        Object value = end.value();
        JsonObject body = value instanceof JsonObject object ? object.copy() : new JsonObject();
        if (value != null && !(value instanceof JsonObject)) {
            body.put("raw_payload", value);
        }
        if (snapshot != null && !body.containsKey(SNAPSHOT)) {
            body.put(SNAPSHOT, snapshot);
        }
        return body;
    }

    private static final class Fold {
        private String status = "";
        private long lastSeq;
        private @Nullable Object whole;
        private @Nullable StringBuilder text;
        private int endReason;
        private String error = "";

        void add(StreamEvent event) {
            lastSeq = event.seq();
            switch (event.type()) {
                case StreamEvent.DELTA -> {
                    status = OPEN;
                    grow(event.value());
                }
                case StreamEvent.SNAPSHOT -> replace(event.value());
                case StreamEvent.CLOSE -> end(CLOSED, event);
                case StreamEvent.ERROR -> end(BROKEN, event);
                case StreamEvent.CANCEL -> end(CANCELLED, event);
                case StreamEvent.FINISH -> status = CLOSED;
                default -> {}
            }
        }

        @Nullable
        Object snapshot() {
            return text == null ? whole : JsonObject.of(KIND, TEXT, TEXT, text.toString());
        }

        /** Text is added to what there is; of anything else the newest stands for all. */
        private void grow(@Nullable Object part) {
            if (part instanceof JsonObject object && TEXT.equals(object.getValue(KIND))) {
                if (text == null) {
                    text = new StringBuilder(textOf(whole, TEXT));
                }
                text.append(textOf(object, "delta"));
            } else {
                replace(part);
            }
        }

        private void replace(@Nullable Object value) {
            if (value != null) {
                whole = value;
                text = null;
            }
        }

        private void end(String how, StreamEvent event) {
            status = how;
            if (event.value() instanceof JsonObject said) {
                replace(said.getValue(SNAPSHOT));
                endReason = reason(said.getValue("end_reason"));
                error = textOf(said, "error");
            }
        }

        private static int reason(@Nullable Object value) {
            return value instanceof Number number && number.longValue() >= 0 && number.longValue() <= MAX_REASON
                    ? number.intValue()
                    : 0;
        }

        private static String textOf(@Nullable Object value, String name) {
            return value instanceof JsonObject object && object.getValue(name) instanceof String text ? text : "";
        }
    }
}
