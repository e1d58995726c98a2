package dev.herald.presencelog;

import dev.herald.presencelog.StatusEvent.Scope;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was last told of a user. It decides what is told next: an edge that leaves it as it is becomes no event.
 *
 * @param version of the newest event of the user
 * @param seen version of the newest edge that was looked at
 * @param since when the user came online or went offline
 * @param reason of the newest event
 * @param node incarnation of the node whose session came or went last
 * @param devices those told to be online, with their live sessions as of the newest edge
 */
public record UserPresence(
        String uid,
        boolean online,
        long version,
        long seen,
        Instant since,
        String reason,
        long node,
        Map<Integer, Integer> devices) {
    static final String COLUMNS = "uid, online, version, seen, since, reason, node, devices";

    public UserPresence {
        devices = Map.copyOf(devices);
    }

    /** Of whom nothing was told. */
    public static UserPresence unknown(String uid) {
        return new UserPresence(uid, false, 0, 0, Instant.EPOCH, "", 0, Map.of());
    }

    /** @param events what is to be told on the way to {@code after} */
    record Told(UserPresence after, List<StatusEvent> events) {
        Told {
            events = List.copyOf(events);
        }
    }

    /**
     * Passes over what it has seen already.
     *
     * @param edges of this user by version
     * @param deviceEvents whether edges that leave the user online become events, too
     */
    Told tell(List<Edge> edges, boolean deviceEvents) {
        UserPresence now = this;
        List<StatusEvent> events = new ArrayList<>();
        for (Edge edge : edges) {
            if (edge.version() <= now.seen) {
                continue;
            }
            boolean isNews = now.devices.containsKey(edge.deviceFlag()) != edge.online();
            Map<Integer, Integer> devices = now.after(edge);
            Scope scope = devices.size() == (edge.online() ? 1 : 0) ? Scope.USER : Scope.DEVICE;
            long sinceMs = scope == Scope.USER ? edge.sinceMs() : now.since.toEpochMilli();
            boolean isTold = isNews && (deviceEvents || scope == Scope.USER);
            if (isTold) {
                events.add(new StatusEvent(edge, scope, sinceMs));
            }
            now = new UserPresence(
                    uid,
                    !devices.isEmpty(),
                    isTold ? edge.version() : now.version,
                    edge.version(),
                    isNews ? Instant.ofEpochMilli(sinceMs) : now.since,
                    isTold ? edge.reason() : now.reason,
                    edge.node(),
                    devices);
        }
        return new Told(now, events);
    }

    private Map<Integer, Integer> after(Edge edge) {
        Map<Integer, Integer> after = new TreeMap<>(devices);
        after.replaceAll((flag, count) -> edge.devices().getOrDefault(flag, 0));
        if (edge.online()) {
            after.put(edge.deviceFlag(), edge.devices().getOrDefault(edge.deviceFlag(), 1));
        } else {
            after.remove(edge.deviceFlag());
        }
        return after;
    }

    public JsonObject devicesJson() {
        return StatusEvent.json(devices);
    }

    static UserPresence of(Row row) {
        Map<Integer, Integer> devices = new HashMap<>();
        row.getJsonObject("devices")
                .forEach(device ->
                        devices.put(Integer.valueOf(device.getKey()), ((Number) device.getValue()).intValue()));
        return new UserPresence(
                row.getString("uid"),
                row.getBoolean("online"),
                row.getLong("version"),
                row.getLong("seen"),
                row.getOffsetDateTime("since").toInstant(),
                row.getString("reason"),
                row.getLong("node"),
                devices);
    }
}
