package dev.herald.webhook;

import dev.herald.eventlog.EventLog;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What back ends written for WuKongIM read: an array per event type (wukong-interfaces sections 6.2 and 6.3). */
final class Bodies {
    private static final Logger log = LoggerFactory.getLogger(Bodies.class);

    private final NotifiedMessages messages;

    Bodies(NotifiedMessages messages) {
        this.messages = messages;
    }

    /** Empty if not one event of the batch can be rendered. */
    Future<Optional<Buffer>> of(Batch batch) {
        if (batch.events().isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        return switch (batch.type()) {
            case EventLog.MESSAGE_NOTIFY ->
                messages.read(batch.events()).map(found -> body(batch, event -> found.render(event)));
            case EventLog.USER_ONLINE_STATUS -> Future.succeededFuture(body(batch, Bodies::onlineStatus));
            default -> Future.succeededFuture(body(batch, LoggedEvent::data));
        };
    }

    /** An event that cannot be rendered is left out: it must not hold up those behind it for ever. */
    private static Optional<Buffer> body(Batch batch, Function<LoggedEvent, Object> renderer) {
        JsonArray body = new JsonArray();
        for (LoggedEvent event : batch.events()) {
            try {
                body.add(renderer.apply(event));
            } catch (RuntimeException e) {
                log.warn(
                        "webhook lane={} type={} event={} skipped",
                        batch.lane(),
                        event.type(),
                        event.at().id(),
                        e);
            }
        }
        return body.isEmpty() ? Optional.empty() : Optional.of(body.toBuffer());
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
