package dev.herald.presence.reconcile;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;

/** Who walks over all users now, and how far that one has come. */
final class Passes {
    /** A time that no node can have written yet was written before the clock was set back. */
    private static final String CLAIM = """
            with claimed as (
                update presence_pass set holder = $2, held_until = now() + $3 * interval '1 millisecond',
                    started_at = case when after is null then now() else started_at end, after = coalesce(after, '')
                where name = $1 and (holder = $2 or held_until < now() or held_until > now() + interval '1 minute')
                    and (after is not null or started_at <= now() - $4 * interval '1 millisecond' or started_at > now())
                returning after)
            select c.after, case when c.after is null then (extract(epoch from greatest(now(), p.held_until,
                case when p.after is null then p.started_at + $4 * interval '1 millisecond' end) - now()) * 1000)::bigint
                else 0 end as wait_ms
            from presence_pass p left join claimed c on true where p.name = $1""";

    private static final String ADVANCE = """
            update presence_pass set after = $3, held_until = now() + $4 * interval '1 millisecond'
            where name = $1 and holder = $2 and after is not null""";

    private static final String FINISH =
            "update presence_pass set after = null, held_until = '-infinity' where name = $1 and holder = $2";

    private final SqlClient pg;
    private final String name;
    private final Duration lease;

    Passes(SqlClient pg, String name, Duration lease) {
        this.pg = pg;
        this.name = name;
        this.lease = lease;
    }

    /**
     * @param after the uid to go on after, if there is something to do here
     * @param in how long it takes else until there may be
     */
    record Turn(Optional<String> after, Duration in) {}

    /** Begins a walk if the last one began long enough ago, or goes on with one whose holder is gone. */
    Future<Turn> claim(String holder, Duration every) {
        return pg.preparedQuery(CLAIM)
                .execute(Tuple.of(name, holder, lease.toMillis(), every.toMillis()))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Turn(
                            Optional.ofNullable(row.getString("after")), Duration.ofMillis(row.getLong("wait_ms")));
                });
    }

    /** False if another has taken it. */
    Future<Boolean> advance(String holder, String after) {
        return pg.preparedQuery(ADVANCE)
                .execute(Tuple.of(name, holder, after, lease.toMillis()))
                .map(rows -> rows.rowCount() > 0);
    }

    Future<Void> finish(String holder) {
        return pg.preparedQuery(FINISH).execute(Tuple.of(name, holder)).mapEmpty();
    }
}
