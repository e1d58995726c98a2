package dev.herald.webhook.post;

import dev.herald.endpoint.Endpoint.Format;
import dev.herald.eventlog.EventContents;
import dev.herald.eventlog.EventContents.Contents;
import dev.herald.eventlog.EventType;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.webhook.lane.Batch;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is posted: for WuKongIM's back ends an array per event type (wukong-interfaces sections 6.2 to 6.4), else an
 * envelope of Standard Webhooks, or one around several.
 */
public final class Bodies {
    private static final Logger log = LoggerFactory.getLogger(Bodies.class);

    /** A batch ends early where its body would become longer. */
    private static final int MAX_BYTES = 1 << 20;

    private final EventContents contents;
    private final Format format;
    private final boolean batched;

    /** @param batched true if a standard body may hold several events */
    Bodies(EventContents contents, Format format, boolean batched) {
        this.contents = contents;
        this.format = format;
        this.batched = batched;
    }

    /**
     * @param text empty if no event can be shown
     * @param count of the batch's first events, which it is made of
     * @param unreadable those among them that cannot be shown: they must not hold up those behind them
     */
    record Body(Buffer text, int count, List<LoggedEvent> unreadable) {
        Body {
            unreadable = List.copyOf(unreadable);
        }
    }

    Future<Body> of(Batch batch) {
        return contents.read(batch.events()).map(loaded -> body(batch, loaded));
    }

    private Body body(Batch batch, Contents loaded) {
        List<Buffer> items = new ArrayList<>();
        List<LoggedEvent> unreadable = new ArrayList<>();
        int bytes = 0;
        int count = 0;
        for (LoggedEvent event : batch.events()) {
            if (!loaded.holds(event)) {
                break;
            }
            try {
                Buffer item = Buffer.buffer(item(event, loaded));
                if (!items.isEmpty() && bytes + item.length() > MAX_BYTES) {
                    break;
                }
                bytes += item.length();
                items.add(item);
            } catch (RuntimeException e) {
                log.warn("webhook event={} type={} cannot be shown", event.id(), event.type(), e);
                unreadable.add(event);
            }
            count++;
        }
        return new Body(items.isEmpty() ? Buffer.buffer() : whole(batch.first(count), items), count, unreadable);
    }

    private Buffer whole(Batch batch, List<Buffer> items) {
        boolean bare = format == Format.WUKONG ? Batch.isAlone(batch.type()) : !batched;
        if (bare) {
            return items.getFirst();
        }
        Buffer array = Buffer.buffer("[");
        items.forEach(item -> array.appendString(array.length() > 1 ? "," : "").appendBuffer(item));
        array.appendString("]");
        if (format == Format.WUKONG) {
            return array;
        }
        return envelope(batch.events().getLast().createdAt(), array);
    }

    /** @param events a JSON array */
    static Buffer envelope(Instant newest, Buffer events) {
        return Buffer.buffer("{\"type\":\"batch\",\"timestamp\":\"" + newest + "\",\"data\":{\"events\":")
                .appendBuffer(events)
                .appendString("}}");
    }

    private String item(LoggedEvent event, Contents loaded) {
        if (format == Format.STANDARD) {
            return event.envelope(loaded.of(event)).encode();
        }
        return switch (EventType.of(event.type()).orElse(EventType.PRESENCE_DRIFT)) {
            case ONLINE_STATUS -> Json.encode(onlineStatus(event));
            case MESSAGE_OFFLINE -> loaded.of(event).put("source_id", 0).encode();
            default -> loaded.of(event).encode();
        };
    }

    /** {@code uid-deviceFlag-online-connId-deviceOnlineCount-totalOnlineCount}. */
    private static String onlineStatus(LoggedEvent event) {
        JsonObject data = (JsonObject) event.data();
        Object online = field(data, "online");
        return String.join(
                "-",
                field(data, "uid").toString(),
                field(data, "device_flag").toString(),
                Boolean.TRUE.equals(online) || Objects.equals(online, 1) ? "1" : "0",
                field(data, "session_id").toString(),
                field(data, "device_online_count").toString(),
                field(data, "total_online_count").toString());
    }

    private static Object field(JsonObject data, String name) {
        return Objects.requireNonNull(data.getValue(name), name);
    }
}
