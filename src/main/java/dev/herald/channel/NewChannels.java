package dev.herald.channel;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;

/** Makes channels; those between two users have both as members from the beginning, at revision 0. */
public final class NewChannels {
    /** The system account reads nothing, and would have a row for every user. */
    private static final String CREATE = """
            with made as (
                insert into channel (channel_id, channel_type)
                select * from unnest($1::text[], $2::smallint[]) as k(id, type) order by id, type
                on conflict do nothing returning pk, channel_id, channel_type
            ), sides as (
                insert into member (channel, uid, since, active_at)
                select distinct m.pk, side, 0, now() from made m, unnest(string_to_array(m.channel_id, '@')) side
                where m.channel_type in (1, 11) and m.channel_id like '%@%' and side not in ('', '____system')
            )
            select pk from made""";

    private NewChannels() {}

    /** The primary keys of those that this call made: none for one that was there already. */
    public static Future<List<Long>> create(SqlClient client, Collection<ChannelKey> keys) {
        Tuple columns =
                Columns.of(keys).texts(ChannelKey::id).shorts(ChannelKey::type).tuple();
        return client.preparedQuery(CREATE).execute(columns).map(rows -> Rows.list(rows, row -> row.getLong("pk")));
    }
}
