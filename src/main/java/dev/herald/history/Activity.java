package dev.herald.history;

import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells the members of a channel that it is alive, once a day: by that time their conversations are found in order. A
 * channel that waits to be told counts as told already, so nobody misses one in the meantime. Every step may be repeated,
 * by any node.
 */
final class Activity {
    private static final int PAIRS = 500;
    private static final int CHANNELS = 100;
    private static final int MEMBERS = 1_000;

    /** Of one sweep; the next one goes on. */
    private static final int MOST_ROUNDS = 200;

    /** Person and agent channels have two members: many of them are one step. */
    private static final String RAISE_PAIRS = """
            with due as materialized (
                select pk, last_at from channel where spread_due and channel_type in (1, 11)
                order by pk limit %d for no key update skip locked
            ), raised as (
                update member m set active_at = due.last_at from due
                where m.channel = due.pk and m.until is null and m.active_at < due.last_at
                returning m.channel
            ), told as (
                update channel c set spread_at = due.last_at, spread_due = false from due where c.pk = due.pk)
            select (select count(*) from due) as channels, (select count(*) from raised) as members,
                exists (select from channel where spread_due and channel_type not in (1, 11)) as groups""".formatted(PAIRS);

    private static final String DUE = """
            select pk from channel where spread_due and channel_type not in (1, 11) order by pk limit %d""".formatted(CHANNELS);

    /** Whoever writes several members holds their channel's row, so none waits for another in a circle. */
    private static final String HOLD = "select last_at from channel where pk = $1 and spread_due for no key update";

    private static final String RAISE_PAGE = """
            with page as materialized (
                select uid from member where channel = $1 and until is null and uid > $2 order by uid limit %d
            ), raised as (
                update member m set active_at = $3 from page
                where m.channel = $1 and m.uid = page.uid and m.until is null and m.active_at < $3
                returning m.uid)
            select (select max(uid) from page) as last, (select count(*) from page) as size,
                (select count(*) from raised) as members""".formatted(MEMBERS);

    /** A message that came meanwhile may be a day ahead again, if this took so long. */
    private static final String TOLD =
            "update channel set spread_at = $2, spread_due = last_at > $2::timestamptz + interval '1 day' where pk = $1";

    private final PgClients pg;
    private final HistoryMeters meters;

    Activity(PgClients pg, HistoryMeters meters) {
        this.pg = pg;
        this.meters = meters;
    }

    Future<Void> sweep() {
        return raisePairs(MOST_ROUNDS).compose(groups -> groups ? raiseGroups() : Future.succeededFuture());
    }

    /** True if there are groups to be raised, too. */
    private Future<Boolean> raisePairs(int rounds) {
        return pg.statements().query(RAISE_PAIRS).execute().compose(rows -> {
            Row row = rows.iterator().next();
            meters.raised(row.getLong("members"));
            return row.getLong("channels") < PAIRS || rounds == 1
                    ? Future.succeededFuture(row.getBoolean("groups"))
                    : raisePairs(rounds - 1);
        });
    }

    private Future<Void> raiseGroups() {
        return pg.statements()
                .query(DUE)
                .execute()
                .compose(rows -> raiseEach(
                        Rows.stream(rows).map(row -> row.getLong("pk")).iterator()));
    }

    /** One that PostgreSQL refuses keeps no other from its turn, and fails the sweep at its end. */
    private Future<Void> raiseEach(Iterator<Long> due) {
        if (!due.hasNext()) {
            return Future.succeededFuture();
        }
        Future<Void> raised = raise(due.next(), Page.FIRST);
        return raised.transform(done -> done.succeeded() || PgClients.isRefusal(done.cause())
                ? raiseEach(due).compose(rest -> raised)
                : raised);
    }

    /**
     * Where a walk over the members of a channel is.
     *
     * @param after the last uid of the page before
     * @param at what all of them are raised to, whatever comes meanwhile; null before the first page
     */
    private record Page(String after, @Nullable OffsetDateTime at, boolean last) {
        static final Page FIRST = new Page("", null, false);
    }

    /** A page is a transaction: those who write to the channel wait for one page at most. */
    private Future<Void> raise(long channel, Page page) {
        return pg.transactions()
                .withTransaction(tx -> tx.preparedQuery(HOLD)
                        .execute(Tuple.of(channel))
                        .compose(held -> held.size() == 0
                                ? Future.succeededFuture(new Page("", null, true))
                                : raise(tx, channel, page, held.iterator().next())))
                .map(Objects::requireNonNull)
                .compose(next -> next.last ? Future.succeededFuture() : raise(channel, next));
    }

    private Future<Page> raise(SqlClient tx, long channel, Page page, Row held) {
        OffsetDateTime at = page.at == null ? held.getOffsetDateTime("last_at") : page.at;
        return tx.preparedQuery(RAISE_PAGE)
                .execute(Tuple.of(channel, page.after, at))
                .compose(rows -> {
                    Row raised = rows.iterator().next();
                    meters.raised(raised.getLong("members"));
                    return raised.getLong("size") == MEMBERS
                            ? Future.succeededFuture(new Page(raised.getString("last"), at, false))
                            : tx.preparedQuery(TOLD)
                                    .execute(Tuple.of(channel, at))
                                    .map(new Page("", at, true));
                });
    }
}
