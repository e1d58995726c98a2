package dev.herald.eventlog;

import dev.herald.postgres.Columns;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where events are recorded; once the transaction commits, each reaches every endpoint at least once. */
public final class EventLog {
    /** Events of one key share a lane, and a lane is delivered in order. */
    public static final int LANES = 64;

    /**
     * Some types are recorded only while an endpoint asks for them. That is looked up in the transaction that causes the
     * event, so that an endpoint gets all from transactions that begin after it came to be. To be formatted with an
     * expression for the type.
     */
    public static final String IS_ASKED_FOR = """
            exists (select from webhook_endpoint w where w.state in ('active', 'paused', 'pull') and %s = any (w.types))""";

    private static final String WANTED = """
            (t <> all ('{msg.notify,msg.offline,msg.passed,cmd.acknowledged}') or %s)
            order by o""".formatted(IS_ASKED_FOR.formatted("t"));

    private static final String ASKED_FOR = """
            select distinct unnest(types) as type from webhook_endpoint where state in ('active', 'paused', 'pull')""";

    private static final String APPEND = """
            insert into event (lane, type, key, data) select l, t, k, d
            from unnest($1::smallint[], $2::text[], $3::text[], $4::jsonb[]) with ordinality as e(l, t, k, d, o)
            where %s""".formatted(WANTED);

    /**
     * Writers take turns before they take a transaction id: then what one of them commits is read before what the next
     * one adds, and two that record the same events never wait for each other.
     */
    private static final String APPEND_ONCE = """
            with turn as materialized (select pg_advisory_xact_lock(7162823910454128741))
            insert into event (lane, type, key, data, dedupe_key) select l, t, k, d, once
            from turn, unnest($1::smallint[], $2::text[], $3::text[], $4::jsonb[], $5::text[])
                with ordinality as e(l, t, k, d, once, o)
            where %s on conflict (dedupe_key) where dedupe_key is not null do nothing""".formatted(WANTED);

    private EventLog() {}

    /**
     * An event to be recorded.
     *
     * @param key what is kept in order: {@code u:} and a uid, or {@code c:} and a channel's primary key
     * @param dedupeKey names the event for ever, if it may be handed in more than once; it is recorded the first time
     */
    public record NewEvent(
            String type,
            String key,
            JsonObject data,
            @Nullable String dedupeKey) {
        /** An event whose cause is in the same transaction. */
        public NewEvent(String type, String key, JsonObject data) {
            this(type, key, data, null);
        }

        public static String userKey(String uid) {
            return "u:" + uid;
        }

        public static String channelKey(long channelPk) {
            return "c:" + channelPk;
        }

        /** An event of a type that others know, too. */
        public NewEvent(EventType type, String key, JsonObject data) {
            this(type.value(), key, data, null);
        }

        short lane() {
            return laneOf(key);
        }
    }

    /** The lane of a key. */
    public static short laneOf(String key) {
        return (short) Math.floorMod(key.hashCode(), LANES);
    }

    /** The types that some endpoint asks for. */
    public static Future<Set<String>> wanted(SqlClient client) {
        return client.query(ASKED_FOR).execute().map(rows -> {
            Set<String> types = new HashSet<>();
            rows.forEach(row -> types.add(row.getString("type")));
            return types;
        });
    }

    /**
     * A transaction number: whoever asks for it before reading a state that is written with its events misses nothing if
     * it then reads all events of this transaction and later ones.
     */
    public static Future<Long> horizon(SqlClient client) {
        return client.query("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
                .execute()
                .map(rows -> rows.iterator().next().getLong(0));
    }

    /**
     * Appends in the given order; hand in the connection of the transaction that causes the events. Events with a
     * {@code dedupeKey} are best a statement of their own, since all who append such take turns until they commit.
     */
    public static Future<Void> append(SqlClient client, List<NewEvent> events) {
        if (events.isEmpty()) {
            return Future.succeededFuture();
        }
        Columns<NewEvent> columns = Columns.of(events)
                .shorts(NewEvent::lane)
                .texts(NewEvent::type)
                .texts(NewEvent::key)
                .jsons(NewEvent::data);
        if (events.stream().allMatch(event -> event.dedupeKey() == null)) {
            return client.preparedQuery(APPEND).execute(columns.tuple()).mapEmpty();
        }
        return client.preparedQuery(APPEND_ONCE)
                .execute(columns.texts(NewEvent::dedupeKey).tuple())
                .mapEmpty();
    }
}
