package dev.herald.presence.node;

import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * Who takes over what is registered under a name whose lease has ended: another node, which ends it, or the node itself
 * under a new name, which carries it on. It is decided in PostgreSQL, once, for Redis may just have lost its memory.
 */
public final class Heirs {
    private static final String INHERIT = """
            with mine as (insert into presence_heir (node, heir) values ($1, $2) on conflict (node) do nothing returning heir)
            select heir from mine union all select heir from presence_heir where node = $1 limit 1""";

    /**
     * Not before a new heir has had the time to say that it lives: whoever asks may have looked earlier. What began in the
     * future began before a clock was set back.
     */
    private static final String SUCCEED = """
            update presence_heir set heir = $3, since = now()
            where node = $1 and heir = $2 and (since < now() - $4 * interval '1 millisecond' or since > now())
            returning heir""";

    /** What this node took over from itself goes on to its next name, for the one it had has ended, too. */
    private static final String CARRY_ON = """
            insert into presence_heir (node, heir) select name, $2 from unnest($1::text[]) as n(name) order by name
            on conflict (node) do update set heir = excluded.heir, since = now() where presence_heir.heir like $3""";

    private static final String FIND = "select heir from presence_heir where node = $1";

    private static final String FIND_OTHER =
            "select heir from presence_heir where node = any($1::text[]) and heir not like $2 limit 1";

    /** A node that was away for longer has closed its sockets, or has no clients left that could not know. */
    private static final String FORGET = "delete from presence_heir where since < now() - interval '30 days'";

    private final SqlClient pg;

    Heirs(SqlClient pg) {
        this.pg = pg;
    }

    /** Takes the inheritance, or tells who has. */
    public Future<String> inherit(String node, String heir) {
        return pg.preparedQuery(INHERIT).execute(Tuple.of(node, heir)).compose(rows -> first(rows)
                .map(Future::succeededFuture)
                .orElseGet(() -> pg.preparedQuery(FIND).execute(Tuple.of(node)).map(found -> first(found)
                        .orElse(""))));
    }

    /**
     * Takes it from an heir who is dead; false if somebody else did.
     *
     * @param lease an heir may be so young that it could not take its lease yet
     */
    public Future<Boolean> succeed(String node, String dead, String heir, Duration lease) {
        return pg.preparedQuery(SUCCEED)
                .execute(Tuple.of(node, dead, heir, lease.toMillis()))
                .map(rows -> rows.rowCount() > 0);
    }

    /**
     * A node takes up again what it had under names whose leases have ended.
     *
     * @return another node that was first with any of them
     */
    public Future<Optional<String>> carryOn(Collection<String> names, String next) {
        return pg.preparedQuery(CARRY_ON)
                .execute(Tuple.of(names.toArray(String[]::new), next, own(next)))
                .compose(done -> otherThan(next, names));
    }

    /** Another node that has taken any of the names of this one. */
    public Future<Optional<String>> otherThan(String self, Collection<String> names) {
        return pg.preparedQuery(FIND_OTHER)
                .execute(Tuple.of(names.toArray(String[]::new), own(self)))
                .map(Heirs::first);
    }

    public Future<Void> forgetOld() {
        return pg.query(FORGET).execute().mapEmpty();
    }

    /** All names of one process, as a pattern. */
    private static String own(String name) {
        return NodeKeys.incarnation(name) + ".%";
    }

    private static Optional<String> first(RowSet<Row> rows) {
        return Rows.first(rows, row -> row.getString(0));
    }
}
