package dev.herald.api.user;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.ConnectionRow;
import dev.herald.bus.message.SocketMessage.ListConnections;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.DeviceFlag;
import dev.herald.model.Uid;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/** Who is connected to a node, and the end of one connection to any (wukong-interfaces section 3.6). */
final class ConnectionRoutes {
    private static final int DEFAULT_LIMIT = 20;
    private static final int MAX_LIMIT = 1_000;
    private static final int MAX_OFFSET = 1_000_000;
    private static final String ID = "[1-9]\\d{0,17}";
    private static final String KICK = "server kick";

    private final Bus bus;

    ConnectionRoutes(Bus bus) {
        this.bus = bus;
    }

    void mount(Routes routes) {
        routes.post("/conn/kick", call -> end(call, KICK));
        routes.post("/conn/remove", call -> end(call, ""));
        routes.get("/connz", this::list);
    }

    private Future<Reply> end(Call call, String text) {
        return bus.request(
                        Addresses.SESSION_KICK,
                        call.read(fields -> new KickSession(fields.uid("uid"), connection(fields), text)))
                .map(ended -> Reply.ok());
    }

    /** JavaScript cannot hold the larger ones as numbers. */
    private static long connection(Fields fields) {
        return fields.raw("conn_id") instanceof String text && text.matches(ID)
                ? Long.parseLong(text)
                : fields.number("conn_id", 1, Long.MAX_VALUE);
    }

    private Future<Reply> list(Call call) {
        record Asked(long node, ListConnections wanted) {}
        Asked asked = call.readQuery(fields -> new Asked(
                fields.number("node_id", 1, Long.MAX_VALUE, bus.incarnation()),
                new ListConnections(
                        fields.text("uid", Uid.MAX_BYTES),
                        fields.integer("offset", 0, MAX_OFFSET, 0),
                        limit(fields.integer("limit", 0, MAX_LIMIT, 0)))));
        return bus.request(asked.node, Addresses.SOCKETS_LIST, asked.wanted)
                .map(found -> Reply.bare(page(asked.wanted, found, Instant.now())))
                .recover(cause -> Future.failedFuture(
                        HeraldException.failureOf(cause) == Failure.NOT_FOUND
                                ? HeraldException.invalid("node_id", "there is no such node")
                                : cause));
    }

    private static int limit(int asked) {
        return asked == 0 ? DEFAULT_LIMIT : asked;
    }

    private static JsonObject page(ListConnections wanted, ConnectionList found, Instant now) {
        return JsonObject.of(
                "connections", Reply.array(found.rows(), row -> row(row, now)),
                "now", now.toString(),
                "total", found.total(),
                "offset", wanted.offset(),
                "limit", wanted.limit());
    }

    private static JsonObject row(ConnectionRow row, Instant now) {
        return new JsonObject()
                .put("id", row.id())
                .put("uid", row.uid())
                .put("ip", row.ip())
                .put("port", row.port())
                .put("last_activity", now.minusMillis(row.idleMs()).toString())
                .put("uptime", Elapsed.text(Duration.ofMillis(row.openMs())))
                .put("idle", Elapsed.text(Duration.ofMillis(row.idleMs())))
                .put("pending_bytes", row.pendingBytes())
                .put("device", device(row.deviceFlag()))
                .put("device_id", row.deviceId())
                .put("node_id", SessionInfo.incarnationOf(row.id()));
    }

    private static String device(int flag) {
        return switch (flag) {
            case DeviceFlag.APP -> "app";
            case DeviceFlag.WEB -> "web";
            case DeviceFlag.PC -> "pc";
            default -> Integer.toString(flag);
        };
    }
}
