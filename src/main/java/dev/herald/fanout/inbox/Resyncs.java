package dev.herald.fanout.inbox;

import dev.herald.command.NewCommand;
import dev.herald.model.ChannelKey;
import dev.herald.model.ClientMsgNo;
import dev.herald.model.Command;
import dev.herald.model.Payload;
import dev.herald.model.Uid;
import dev.herald.postgres.Columns;
import dev.herald.wukong.CommandContent;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Map;

/** Tells users whose list was cut to refresh everything: by a command like any other, that its fan-out delivers. */
public final class Resyncs {
    /** Coalescing key of the command that takes the place of everything before it. */
    public static final String OVERFLOW = NewCommand.RESERVED_KEYS + "overflow";

    /**
     * One command to all that have the same occasion: as many as there are users would stand before whatever else is for
     * users. The same users again are a repeat; others are told, some of them perhaps twice.
     */
    private static final String INSERT = """
            insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, uids, in_order, coalesce_key)
            select 'resync', 8, '', $3 || ':' || o || ':' || encode(sha256(convert_to(uids::text, 'UTF8')), 'hex'), $4,
                uids, true, 'herald.' || $3
            from (
                select o, array_agg(u order by u collate "C") as uids
                from unnest($1::text[], $2::text[]) told(u, o) group by o) told
            on conflict (from_uid, channel_id, channel_type, client_msg_no) do nothing
            returning cardinality(uids) as users""";

    private final SqlClient pg;
    private final Runnable onInsert;
    private final FanoutMeters meters;

    /** @param onInsert told when there is a command to be fanned out */
    public Resyncs(SqlClient pg, Runnable onInsert, FanoutMeters meters) {
        this.pg = pg;
        this.onInsert = onInsert;
        this.meters = meters;
    }

    /** @param occasions of each user: the same for a repeat, which inserts nothing */
    public Future<Void> insert(Map<String, String> occasions, String reason) {
        if (occasions.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple values = Columns.of(occasions.entrySet())
                .texts(Map.Entry::getKey)
                .texts(Map.Entry::getValue)
                .tuple()
                .addString(reason)
                .addBuffer(Buffer.buffer(payload(reason).bytes()));
        return pg.preparedQuery(INSERT)
                .execute(values)
                .onSuccess(rows -> {
                    rows.forEach(row -> meters.resynced(row.getInteger("users")));
                    onInsert.run();
                })
                .mapEmpty();
    }

    /** For one reader only: not stored, so without an id. */
    static Command unstored(String reason) {
        return new Command(
                0,
                ChannelKey.UNSTORED_COMMANDS,
                Uid.SYSTEM,
                ClientMsgNo.random(),
                Instant.now().getEpochSecond(),
                payload(reason));
    }

    private static Payload payload(String reason) {
        return CommandContent.of("resync", JsonObject.of("reason", reason));
    }
}
