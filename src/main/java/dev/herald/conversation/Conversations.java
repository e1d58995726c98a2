package dev.herald.conversation;

import dev.herald.messagelog.LogChannel;
import dev.herald.messagelog.LogChannels;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The conversations of users (wukong-interfaces section 3.5). */
public final class Conversations {
    /** Most that one user is told of, as with WuKongIM. */
    public static final int MAX = 1_000;

    private static final String COLUMNS = "c.pk, c.channel_id, c.channel_type, c.last_seq";

    /**
     * The times that members know are up to a day old, so the wanted ones stand among the first by those times or within
     * the day before; or their channel waits for the sweep that tells its members, and so do few.
     */
    private static final String RECENT = """
            with first as (
                select active_at from member where uid = $1 and active_at is not null
                order by active_at desc limit $2::bigint + $3::bigint
            ), found as materialized (
                select channel, active_at, read_seq, sent_seq, deleted_seq from member
                where uid = $1 and active_at >= (select min(active_at) from first) - interval '1 day'
                union
                select m.channel, m.active_at, m.read_seq, m.sent_seq, m.deleted_seq
                from channel c join member m on m.channel = c.pk and m.uid = $1 and m.until is null
                where c.spread_due and m.active_at is not null
            )
            select %s, f.read_seq, f.sent_seq, f.deleted_seq
            from found f join channel c on c.pk = f.channel
            order by greatest(c.last_at, f.active_at) desc, c.pk desc
            offset $2::bigint limit $3::bigint""".formatted(COLUMNS);

    private static final String OF = """
            select %s, m.uid is not null as member,
                coalesce(m.read_seq, 0) as read_seq, coalesce(m.sent_seq, 0) as sent_seq,
                coalesce(m.deleted_seq, 0) as deleted_seq
            from unnest($2::text[], $3::smallint[]) k(id, type)
            join channel c on c.channel_id = k.id and c.channel_type = k.type
            left join member m on m.channel = c.pk and m.uid = $1 and m.until is null""".formatted(COLUMNS);

    private static final String OWN = """
            from channel c %s where c.channel_id = $2 and c.channel_type = $3
                and m.channel = c.pk and m.uid = $1 and m.until is null""";

    /** Counted back from the last message that is shown, as unread ones are; to leave none is to have read all. */
    private static final String LEAVE_UNREAD = """
            update member m set read_seq = leaves.seq %s and m.read_seq < leaves.seq""".formatted(OWN.formatted("""
            cross join lateral (
                select case when $4::bigint = 0 then c.last_seq else coalesce((
                    select seq from message where channel = c.pk and (expires_at is null or expires_at > now())
                    order by seq desc limit 1), c.last_seq) - $4 end as seq) leaves"""));

    private static final String HIDE = "update member m set deleted_seq = c.last_seq %s and m.deleted_seq < c.last_seq"
            .formatted(OWN.formatted(""));

    private final PgClients pg;

    public Conversations(PgClients pg) {
        this.pg = pg;
    }

    /** The newest first, by their last message or by when the user joined. */
    public Future<List<Conversation>> recent(String uid, int offset, int limit) {
        return pg.statements()
                .preparedQuery(RECENT)
                .execute(Tuple.of(uid, offset, limit))
                .map(rows -> Rows.list(rows, row -> read(row, key(row))));
    }

    /** Of these channels those that the user is in. */
    public Future<Map<ChannelKey, Conversation>> of(String uid, Collection<ChannelKey> stored) {
        Tuple arguments = Columns.behind(Tuple.of(uid), stored)
                .texts(ChannelKey::id)
                .shorts(ChannelKey::type)
                .tuple();
        return pg.statements().preparedQuery(OF).execute(arguments).map(rows -> {
            Map<ChannelKey, Conversation> found = new HashMap<>();
            for (Row row : rows) {
                ChannelKey key = key(row);
                if (row.getBoolean("member") || LogChannels.isIn(uid, key)) {
                    found.put(key, read(row, key));
                }
            }
            return found;
        });
    }

    /** Leaves the newest so many unread; the position only moves forward. */
    public static Future<Void> leaveUnread(SqlClient client, String uid, ChannelKey stored, long count) {
        return client.preparedQuery(LEAVE_UNREAD)
                .execute(Tuple.of(uid, stored.id(), stored.type(), count))
                .mapEmpty();
    }

    /** Hides all that is there now; what comes later is shown again. */
    public static Future<Void> hide(SqlClient client, String uid, ChannelKey stored) {
        return client.preparedQuery(HIDE)
                .execute(Tuple.of(uid, stored.id(), stored.type()))
                .mapEmpty();
    }

    private static ChannelKey key(Row row) {
        return new ChannelKey(row.getString("channel_id"), row.getInteger("channel_type"));
    }

    private static Conversation read(Row row, ChannelKey key) {
        return new Conversation(
                new LogChannel(row.getLong("pk"), key, row.getLong("last_seq"), true),
                row.getLong("read_seq"),
                row.getLong("sent_seq"),
                row.getLong("deleted_seq"));
    }
}
