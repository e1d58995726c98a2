package dev.herald.webhook.lane;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What came of asking for lanes.
 *
 * @param runs of those that are ours now
 * @param empty lanes that are due and have nothing
 * @param waiting lanes that are not due or not ours to take, and how long that will last
 */
public record Claim(List<LaneRun> runs, List<LaneKey> empty, Map<LaneKey, Duration> waiting) {

    static Claim of(Lanes.Request request, RowSet<Row> rows, long asked) {
        Map<LaneKey, List<Row>> lanes = new LinkedHashMap<>();
        rows.forEach(row -> lanes.computeIfAbsent(
                        new LaneKey(request.endpoint(), row.getInteger("lane"), row.getString("side")),
                        key -> new ArrayList<>())
                .add(row));
        List<LaneRun> runs = new ArrayList<>();
        List<LaneKey> empty = new ArrayList<>();
        Map<LaneKey, Duration> waiting = new HashMap<>();
        lanes.forEach((lane, its) -> {
            Row first = its.getFirst();
            if (!first.getBoolean("due")) {
                waiting.put(lane, Duration.ofMillis(Math.max(0, first.getLong("wait_ms"))));
            } else if (first.getValue("id") != null || first.getBoolean("begun")) {
                runs.add(runOf(lane, its, request.readAhead(), asked));
            } else {
                empty.add(lane);
            }
        });
        return new Claim(runs, empty, waiting);
    }

    private static LaneRun runOf(LaneKey lane, List<Row> rows, int readAhead, long asked) {
        Row first = rows.getFirst();
        List<LoggedEvent> events = rows.stream()
                .filter(row -> row.getValue("id") != null)
                .map(LoggedEvent::of)
                .toList();
        return new LaneRun(
                lane,
                new Position(first.getLong("read_txid"), first.getLong("read_id")),
                first.getInteger("attempts"),
                asked - TimeUnit.MILLISECONDS.toNanos(first.getLong("failing_ms")),
                first.getBoolean("may_park"),
                (int) rows.stream()
                        .filter(row -> Objects.equals(row.getBoolean("is_first"), true))
                        .count(),
                events,
                first.getBoolean("begun")
                        || events.size() == readAhead
                        || (!events.isEmpty() && first.getLong("found") > events.size()));
    }
}
