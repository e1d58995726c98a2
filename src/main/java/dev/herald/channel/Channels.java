package dev.herald.channel;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;

/** The channels and their members. */
public final class Channels {
    /** So long at least it can be read who left a channel or one of its lists, for whoever knows who was there before. */
    public static final Duration DEPARTURES_KEPT = Duration.ofDays(1);

    private static final String MEMBERS = """
            select uid from member where channel = $1 and until is null and uid > $2
            order by uid limit $3""";

    private static final String LISTED = """
            select id, uid, created_at from listed where channel = $1 and allowed = $2 and uid > $3
            order by uid limit $4""";

    /** Of the attributes that are read at once, but for one channel's. */
    private static final int MAX_BYTES = 16 << 20;

    private static final String CHANGED = """
            select * from (
                select k.id, k.type, k.nth, c.*, count(*) over () as total,
                    sum(octet_length(c.attributes::text)) over (order by k.nth) - octet_length(c.attributes::text) as before
                from unnest($1::text[], $2::smallint[], $3::bigint[]) with ordinality k(id, type, revision, nth)
                left join channel c on c.channel_id = k.id and c.channel_type = k.type
                where c.revision is distinct from k.revision) changed
            where before is null or before < $4 order by nth""";

    private final PgClients pg;
    private final boolean tells;

    /** @param tells false if no change is told by commands, since the back end sends its own */
    public Channels(PgClients pg, boolean tells) {
        this.pg = pg;
        this.tells = tells;
    }

    public Future<Optional<Channel>> find(ChannelKey key) {
        return pg.statements()
                .preparedQuery(ChannelRow.SELECT)
                .execute(Tuple.of(key.id(), key.type()))
                .map(ChannelRow::first);
    }

    /**
     * Up to {@code limit} of those who are members now, in the order of the database.
     *
     * @param channel primary key
     * @param after the last uid of the page before, "" for the first page
     */
    public Future<List<String>> members(long channel, String after, int limit) {
        return pg.statements()
                .preparedQuery(MEMBERS)
                .execute(Tuple.of(channel, after, limit))
                .map(rows -> Rows.list(rows, row -> row.getString("uid")));
    }

    /** Of these channels those that are at another revision, as they are now. */
    public Future<ChangedChannels> changed(List<ChannelAt> known) {
        Tuple arguments = Columns.of(known)
                .texts(at -> at.key().id())
                .shorts(at -> at.key().type())
                .longs(ChannelAt::revision)
                .tuple()
                .addInteger(MAX_BYTES);
        return pg.statements().preparedQuery(CHANGED).execute(arguments).map(rows -> {
            List<Channel> changed = new ArrayList<>();
            List<ChannelKey> missing = new ArrayList<>();
            boolean more = false;
            for (Row row : rows) {
                more = row.getLong("total") > rows.size();
                if (row.getLong("pk") == null) {
                    missing.add(new ChannelKey(row.getString("id"), row.getInteger("type")));
                } else {
                    changed.add(ChannelRow.read(row));
                }
            }
            return new ChangedChannels(changed, missing, more);
        });
    }

    /** Up to {@code limit} entries of a list behind the uid {@code after}, by uid. */
    public Future<List<Listed>> listed(long channel, AccessList list, String after, int limit) {
        return pg.statements()
                .preparedQuery(LISTED)
                .execute(Tuple.of(channel, list.allowed(), after, limit))
                .map(rows -> Rows.list(
                        rows,
                        row -> new Listed(
                                row.getLong("id"), row.getString("uid"), row.getOffsetDateTime("created_at"))));
    }

    /**
     * Changes a channel and appends the commands that tell of it, in one transaction: both happen or neither does. The
     * revision rises by one if, and only if, something really changed or the channel is new. Changed members are told by
     * {@code memberUpdate}, changed flags, attributes or lists by {@code channelUpdate}; a new group tells its members by
     * {@code memberUpdate} alone. A channel whose commands are switched off tells nobody.
     *
     * @param last what belongs into the transaction, too, of what was done, which is nothing if there is no such channel and
     *     the edit makes none
     */
    public <T> Future<T> change(
            ChannelKey key, ChannelEdit edit, BiFunction<SqlClient, Optional<Changed>, Future<T>> last) {
        return pg.transactions()
                .withTransaction(
                        tx -> new ChannelChange(tx, key, edit, tells).run().compose(changed -> last.apply(tx, changed)))
                .map(done -> Objects.requireNonNull(done));
    }
}
