package dev.herald.eventlog;

import dev.herald.postgres.Columns;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    private static final String ON_DEMAND = Stream.of(
                    EventType.MESSAGE_NOTIFY,
                    EventType.MESSAGE_OFFLINE,
                    EventType.MESSAGE_PASSED,
                    EventType.COMMAND_ACKNOWLEDGED)
            .map(EventType::value)
            .collect(Collectors.joining(","));

    private static final String WANTED = """
            (t <> all ('{%s}') or %s)
            order by o""".formatted(ON_DEMAND, IS_ASKED_FOR.formatted("t"));

    private static final String ASKED_FOR = """
            select distinct unnest(types) as type from webhook_endpoint where state in ('active', 'paused', 'pull')""";

    private static final String APPEND = """
            insert into event (lane, type, key, data) select l, t, k, d
            from unnest($1::smallint[], $2::text[], $3::text[], $4::jsonb[]) with ordinality as e(l, t, k, d, o)
            where %s""".formatted(WANTED);

    /**
     * Readers go by transaction number, so whoever adds to a lane takes its turn before it takes a number: then what one
     * commits is read before what the next one adds, and two that record the same events never wait for each other. The
     * turn of a lane is nobody else's: many events take long, and presence must not wait for them.
     */
    private static final String APPEND_ONCE = """
            with turns as materialized (
                select pg_advisory_xact_lock(716282390, l) from (select distinct l from unnest($1::int[]) l order by l) o)
            insert into event (lane, type, key, data, dedupe_key) select l, t, k, d, once
            from (select count(*) from turns) taken, unnest($1::int[], $2::text[], $3::text[], $4::jsonb[], $5::text[])
                with ordinality as e(l, t, k, d, once, o)
            where %s on conflict (dedupe_key) where dedupe_key is not null do nothing""".formatted(WANTED);

    /**
     * So many turns at most, shared by all keys: PostgreSQL's table of locks has room for 6,400 unless it is configured
     * otherwise, however many nodes there are.
     */
    private static final int TURNS = 4_096;

    /** Takes turns, to be formatted with a parameter for the array that {@link #turnsOf} makes. */
    public static final String TAKE_TURNS = "select pg_advisory_xact_lock(716282391, turn) from unnest(%s::int[]) turn";

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

    /** The turns of keys, in the one order in which they are to be taken. */
    public static Integer[] turnsOf(Stream<String> keys) {
        return keys.map(key -> Math.floorMod(key.hashCode(), TURNS))
                .distinct()
                .sorted()
                .toArray(Integer[]::new);
    }

    /**
     * To be the first in a transaction that records events of these keys beside others who do: without it, one that got
     * its number early and commits late would be read first.
     */
    public static Future<Void> takeTurns(SqlClient tx, Stream<String> keys) {
        return tx.preparedQuery(TAKE_TURNS.formatted("$1"))
                .execute(Tuple.tuple().addArrayOfInteger(turnsOf(keys)))
                .mapEmpty();
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
     * {@code dedupeKey} are best a statement of their own, since all who append such to a lane take turns until they
     * commit.
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
