package dev.herald.command;

import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A command as its log has it, at one moment.
 *
 * @param channel as clients are told it
 * @param doneAt when it had been written to the inbox of everybody whom it addresses; null while it has not
 * @param sureAt cursors that are as of this time or later have seen every append that is noted here
 * @param reached null when done; else the users up to this one, in the order of bytes, have it
 * @param lagMillis from its commit to the end of its fan-out, or to now
 * @param written users who have it in their inbox
 */
public record SentCommand(
        long id,
        ChannelKey channel,
        String clientMsgNo,
        OffsetDateTime createdAt,
        @Nullable OffsetDateTime doneAt,
        OffsetDateTime sureAt,
        @Nullable String reached,
        long lagMillis,
        long written) {
    private static final String FIND = """
            select c.id, c.channel_id, c.channel_type, c.client_msg_no, c.created_at, c.done_at, c.written,
                coalesce(c.done_at, t.now) as sure_at, case when c.done_at is null then c.reached end as reached,
                greatest(0, extract(epoch from coalesce(c.done_at, t.now) - c.created_at) * 1000)::bigint as lag
            from cmd c, (select clock_timestamp() as now) t where c.id = $1""";

    /** Empty if there is no such command, or no longer. */
    public static Future<Optional<SentCommand>> find(SqlClient pg, long id) {
        return pg.preparedQuery(FIND).execute(Tuple.of(id)).map(rows -> {
            for (Row row : rows) {
                return Optional.of(of(row));
            }
            return Optional.empty();
        });
    }

    private static SentCommand of(Row row) {
        return new SentCommand(
                row.getLong("id"),
                new ChannelKey(row.getString("channel_id"), row.getShort("channel_type")),
                CommandNumber.shown(row.getString("client_msg_no")),
                row.getOffsetDateTime("created_at"),
                row.getOffsetDateTime("done_at"),
                row.getOffsetDateTime("sure_at"),
                row.getString("reached"),
                row.getLong("lag"),
                row.getInteger("written"));
    }

    /** What every question about cursors begins with: id, time from which they are sure, last user reached. */
    Tuple tuple() {
        return Tuple.of(id, sureAt, reached);
    }
}
