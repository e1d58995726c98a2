package dev.herald.messaging.judge;

import dev.herald.channel.ChannelFlags;
import dev.herald.channel.NewChannels;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The channels that messages go to, as they stand in PostgreSQL; one that a message begins is made here. */
public final class ChannelTable {
    private static final String CHANNELS = """
            select c.pk, c.channel_id, c.channel_type, c.revision, %s
            from unnest($1::text[], $2::smallint[]) as k(id, type)
            join channel c on c.channel_id = k.id and c.channel_type = k.type""".formatted(ChannelFlags.COLUMNS);

    private static final String BUSY = """
            with wanted as materialized (
                select c.pk, k.n from unnest($1::text[], $2::smallint[]) with ordinality as k(id, type, n)
                left join channel c on c.channel_id = k.id and c.channel_type = k.type
            ), free as materialized (
                select pk from channel where pk = any(array(select pk from wanted)) for no key update skip locked
            )
            select n from wanted where pk is null or pk not in (select pk from free)""";

    private final PgClients pg;
    private final String patience;

    /** @param patience how long the making of a channel may wait for what somebody else holds until it is refused */
    public ChannelTable(PgClients pg, Duration patience) {
        this.pg = pg;
        this.patience = patience.toMillis() + "ms";
    }

    public Future<Map<ChannelKey, ChannelRow>> find(Collection<ChannelKey> keys) {
        return pg.statements().preparedQuery(CHANNELS).execute(columns(keys)).map(rows -> Rows.stream(rows)
                .collect(Collectors.toMap(ChannelTable::keyOf, ChannelTable::rowOf)));
    }

    private static ChannelRow rowOf(Row row) {
        return new ChannelRow(row.getLong("pk"), row.getLong("revision"), ChannelFlags.of(row));
    }

    /** Fails with {@code lock_not_available} if somebody else is making one of them; the others are there then. */
    public Future<Void> create(Collection<ChannelKey> keys) {
        return NewChannels.create(pg.transactions(), keys, Optional.of(patience))
                .<Void>mapEmpty()
                .recover(cause -> keys.size() == 1
                        ? Future.failedFuture(cause)
                        : Future.join(keys.stream()
                                        .map(key -> create(List.of(key)))
                                        .toList())
                                .mapEmpty());
    }

    /** Those of the channels whose rows somebody else holds at this moment, or is about to add. */
    public Future<Set<ChannelKey>> busy(Collection<ChannelKey> channels) {
        List<ChannelKey> keys = List.copyOf(channels);
        return pg.statements().preparedQuery(BUSY).execute(columns(keys)).map(rows -> Rows.stream(rows)
                .map(row -> keys.get(Math.toIntExact(row.getLong(0) - 1)))
                .collect(Collectors.toSet()));
    }

    private static Tuple columns(Collection<ChannelKey> keys) {
        return Columns.of(keys).texts(ChannelKey::id).shorts(ChannelKey::type).tuple();
    }

    private static ChannelKey keyOf(Row row) {
        return new ChannelKey(row.getString("channel_id"), row.getShort("channel_type"));
    }
}
