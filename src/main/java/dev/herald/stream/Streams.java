package dev.herald.stream;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What has come of messages that come in parts, for those who read their channels. */
public final class Streams {
    /** Payloads of one answer; messages beyond it are told to have events, and these are to be asked for. */
    private static final long MAX_BYTES = 16 << 20;

    private static final String READ = """
            select s.message_id, %s from (
                select message_id, sum(bytes) over (order by message_id desc) as total
                from message_stream where message_id = any($1)) s
            left join message_event e
                on e.message_id = s.message_id and s.total <= %d and e.visibility not in ('private', 'restricted')
            order by s.message_id, e.seq""".formatted(StreamLog.COLUMNS, MAX_BYTES);

    private final PgClients pg;

    public Streams(PgClients pg) {
        this.pg = pg;
    }

    /**
     * By message and key, without those messages that have none; the keys are empty where it would be too much.
     *
     * @param messageIds those that may have some
     */
    public Future<Map<Long, Map<String, KeyState>>> of(Collection<Long> messageIds) {
        if (messageIds.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        return pg.statements()
                .preparedQuery(READ)
                .execute(Tuple.of(messageIds.toArray(Long[]::new)))
                .map(rows -> {
                    Map<Long, Map<String, List<StreamEvent>>> events = new HashMap<>();
                    for (Row row : rows) {
                        Map<String, List<StreamEvent>> keys =
                                events.computeIfAbsent(row.getLong("message_id"), id -> new TreeMap<>());
                        if (row.getLong("seq") != null) {
                            keys.computeIfAbsent(row.getString("event_key"), key -> new ArrayList<>())
                                    .add(StreamLog.event(row));
                        }
                    }
                    Map<Long, Map<String, KeyState>> states = new HashMap<>();
                    events.forEach((id, keys) -> states.put(id, states(keys)));
                    return states;
                });
    }

    private static Map<String, KeyState> states(Map<String, List<StreamEvent>> keys) {
        Map<String, KeyState> states = new TreeMap<>();
        keys.forEach((key, events) -> states.put(key, KeyState.of(events)));
        return states;
    }
}
