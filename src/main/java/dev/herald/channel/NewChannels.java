package dev.herald.channel;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Makes channels; whom the id names is a member from the beginning, at revision 0. */
public final class NewChannels {
    /** Another transaction may be making one of them: then its end is waited for. */
    private static final String CREATE = """
            with made as (
                insert into channel (channel_id, channel_type)
                select id, type from unnest($1::text[], $2::smallint[]) as k(id, type)
                where $3::text is null or (select set_config('lock_timeout', $3, true)) is not null
                order by id, type
                on conflict do nothing returning pk, channel_id, channel_type
            ), insiders as (
                insert into member (channel, uid, since, active_at)
                select made.pk, i.uid, 0, now() from made
                join unnest($4::text[], $5::smallint[], $6::text[]) as i(id, type, uid)
                    on i.id = made.channel_id and i.type = made.channel_type
            )
            select pk from made""";

    private NewChannels() {}

    private record Insider(ChannelKey channel, String uid) {}

    /**
     * The primary keys of those that this call made: none for one that was there already.
     *
     * @param patience how long it may wait until it is refused with {@code lock_not_available}, as PostgreSQL spells it; empty
     *     for as long as the transaction may
     */
    public static Future<List<Long>> create(SqlClient client, Collection<ChannelKey> keys, Optional<String> patience) {
        List<Insider> insiders = keys.stream()
                .flatMap(key -> key.insiders().stream().map(uid -> new Insider(key, uid)))
                .toList();
        Tuple channels = Columns.of(keys)
                .texts(ChannelKey::id)
                .shorts(ChannelKey::type)
                .tuple()
                .addString(patience.orElse(null));
        Tuple arguments = Columns.behind(channels, insiders)
                .texts(each -> each.channel().id())
                .shorts(each -> each.channel().type())
                .texts(Insider::uid)
                .tuple();
        return client.preparedQuery(CREATE).execute(arguments).map(rows -> Rows.list(rows, row -> row.getLong("pk")));
    }
}
