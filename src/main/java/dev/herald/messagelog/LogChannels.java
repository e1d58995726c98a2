package dev.herald.messagelog;

import dev.herald.model.ChannelKey;
import dev.herald.model.Uid;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds channels by their stored keys, and whether a user may read them. */
public final class LogChannels {
    private static final String FIND = """
            select c.pk, c.channel_id, c.channel_type, c.last_seq, m.uid is not null as member
            from unnest($1::text[], $2::smallint[]) k(id, type)
            join channel c on c.channel_id = k.id and c.channel_type = k.type
            left join member m on m.channel = c.pk and m.uid = $3 and m.until is null""";

    private final PgClients pg;

    public LogChannels(PgClients pg) {
        this.pg = pg;
    }

    /** @param reader empty for the back end itself, which may read everything */
    public Future<Optional<LogChannel>> find(ChannelKey stored, Optional<String> reader) {
        return find(List.of(stored), reader).map(found -> Optional.ofNullable(found.get(stored)));
    }

    /** Those that are there. */
    public Future<Map<ChannelKey, LogChannel>> find(Collection<ChannelKey> stored, Optional<String> reader) {
        Tuple arguments = Columns.of(stored)
                .texts(ChannelKey::id)
                .shorts(ChannelKey::type)
                .tuple()
                .addString(reader.orElse(""));
        return pg.statements().preparedQuery(FIND).execute(arguments).map(rows -> {
            Map<ChannelKey, LogChannel> found = new HashMap<>();
            for (Row row : rows) {
                ChannelKey key = new ChannelKey(row.getString("channel_id"), row.getInteger("channel_type"));
                boolean mayRead = row.getBoolean("member")
                        || reader.map(uid -> isIn(uid, key)).orElse(true);
                found.put(key, new LogChannel(row.getLong("pk"), key, row.getLong("last_seq"), mayRead));
            }
            return found;
        });
    }

    /** Those who are in a channel without being members of it. */
    public static boolean isIn(String uid, ChannelKey key) {
        return uid.equals(Uid.SYSTEM)
                || key.sides().contains(uid)
                || (key.type() == ChannelKey.VISITORS && key.id().equals(uid));
    }
}
