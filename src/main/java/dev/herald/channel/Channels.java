package dev.herald.channel;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The channels and their members. */
public final class Channels {
    /** So long at least a membership that ended can be read, for whoever knows the members of before. */
    public static final Duration DEPARTURES_KEPT = Duration.ofDays(1);

    private static final String MEMBERS = """
            select uid from member where channel = $1 and until is null and uid > $2
            order by uid limit $3""";

    private static final String LISTED = """
            select id, uid, created_at from listed where channel = $1 and allowed = $2 and uid > $3
            order by uid limit $4""";

    private static final String CHANGED = """
            select k.id, k.type, c.* from unnest($1::text[], $2::smallint[], $3::bigint[]) with ordinality k(id, type, revision, nth)
            left join channel c on c.channel_id = k.id and c.channel_type = k.type
            where c.revision is distinct from k.revision
            order by k.nth""";

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
                .map(rows -> {
                    List<String> uids = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        uids.add(row.getString("uid"));
                    }
                    return uids;
                });
    }

    /** Of these channels those that are at another revision, as they are now; empty for one that is not there. */
    public Future<Map<ChannelKey, Optional<Channel>>> changed(List<ChannelAt> known) {
        Tuple arrays = Tuple.tuple()
                .addArrayOfString(known.stream().map(it -> it.key().id()).toArray(String[]::new))
                .addArrayOfShort(
                        known.stream().map(it -> (short) it.key().type()).toArray(Short[]::new))
                .addArrayOfLong(known.stream().map(ChannelAt::revision).toArray(Long[]::new));
        return pg.statements().preparedQuery(CHANGED).execute(arrays).map(rows -> {
            Map<ChannelKey, Optional<Channel>> changed = new LinkedHashMap<>();
            for (Row row : rows) {
                boolean found = row.getLong("pk") != null;
                changed.put(
                        new ChannelKey(row.getString("id"), row.getInteger("type")),
                        found ? Optional.of(ChannelRow.read(row)) : Optional.empty());
            }
            return changed;
        });
    }

    /** Up to {@code limit} entries of a list behind the uid {@code after}, by uid. */
    public Future<List<Listed>> listed(long channel, AccessList list, String after, int limit) {
        return pg.statements()
                .preparedQuery(LISTED)
                .execute(Tuple.of(channel, list.allowed(), after, limit))
                .map(rows -> {
                    List<Listed> entries = new ArrayList<>(rows.size());
                    for (Row row : rows) {
                        entries.add(new Listed(
                                row.getLong("id"), row.getString("uid"), row.getOffsetDateTime("created_at")));
                    }
                    return entries;
                });
    }

    /**
     * Changes a channel and appends the commands that tell of it, in one transaction: both happen or neither does. The
     * revision rises by one if, and only if, something really changed or the channel is new. Changed members are told by
     * {@code memberUpdate}, changed flags, attributes or lists by {@code channelUpdate}; a new group tells its members by
     * {@code memberUpdate} alone. A channel whose commands are switched off tells nobody.
     *
     * @return empty if there is no such channel and the edit makes none
     */
    public Future<Optional<Changed>> change(ChannelKey key, ChannelEdit edit) {
        return pg.transactions()
                .withTransaction(tx -> new ChannelChange(tx, key, edit, tells).run())
                .map(changed -> Objects.requireNonNull(changed));
    }
}
