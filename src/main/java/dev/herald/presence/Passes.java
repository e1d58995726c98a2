package dev.herald.presence;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;

/** Who walks over all users now, and how far that one has come. */
final class Passes {
    private static final String CLAIM = """
            update presence_pass set holder = $2, held_until = now() + $3 * interval '1 millisecond',
                started_at = case when after is null then now() else started_at end, after = coalesce(after, '')
            where name = $1 and (holder = $2 or held_until < now())
                and (after is not null or started_at <= now() - $4 * interval '1 millisecond')
            returning after""";

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
     * Begins a walk if the last one began long enough ago, or goes on with one whose holder is gone.
     *
     * @return the uid to go on after, if there is something to do here
     */
    Future<Optional<String>> claim(String holder, Duration every) {
        return pg.preparedQuery(CLAIM)
                .execute(Tuple.of(name, holder, lease.toMillis(), every.toMillis()))
                .map(rows -> rows.size() == 0
                        ? Optional.empty()
                        : Optional.of(rows.iterator().next().getString(0)));
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
