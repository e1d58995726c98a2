package dev.herald.command;

import dev.herald.command.Audience.Members;
import dev.herald.command.Audience.Users;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/** Where commands are recorded; once the transaction commits, each reaches every user that it addresses. */
public final class CommandLog {
    /** What tells whether member {@code m} is addressed by command {@code c} of the same channel. */
    public static final String ADDRESSES = """
            (m.since <= c.revision
             and (m.until is null or m.until > c.revision or (c.with_leavers and m.until = c.revision)))""";

    /**
     * A repeat updates its row to what it is: unlike "do nothing", that also sees a row committed a moment ago. Users are
     * put in order once, so that each page of a fan-out is a slice.
     */
    private static final String APPEND = """
            insert into cmd
                (channel_id, channel_type, from_uid, client_msg_no, payload, coalesce_key, expire, channel, revision, with_leavers,
                uids, in_order)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                case when $11::text[] is not null then array(select distinct u collate "C" from unnest($11) u order by 1) end,
                $11 is not null)
            on conflict (from_uid, channel_id, channel_type, client_msg_no) do update
            set client_msg_no = excluded.client_msg_no
            returning id""";

    private CommandLog() {}

    /**
     * Appends a command, unless one with the same sender, channel and client number is there already.
     *
     * @param client the connection of the transaction that causes the command, or any client if nothing else does
     * @return the command's id; for a repeat the id of the first
     */
    public static Future<Long> append(SqlClient client, NewCommand command) {
        return client.preparedQuery(APPEND)
                .execute(row(command))
                .map(rows -> rows.iterator().next().getLong("id"));
    }

    /** An id for a command that is not stored. */
    public static Future<Long> nextId(SqlClient client) {
        return client.preparedQuery("select nextval('message_id') as id")
                .execute()
                .map(rows -> rows.iterator().next().getLong("id"));
    }

    private static Tuple row(NewCommand command) {
        Tuple row = Tuple.of(
                command.channel().id(),
                command.channel().type(),
                command.fromUid(),
                command.clientMsgNo(),
                Buffer.buffer(command.payload().bytes()),
                command.coalesceKey(),
                command.expireSeconds());
        return switch (command.audience()) {
            case Members members ->
                row.addLong(members.channel())
                        .addLong(members.revision())
                        .addBoolean(members.withLeavers())
                        .addValue(null);
            case Users users ->
                row.addValue(null)
                        .addValue(null)
                        .addBoolean(false)
                        .addArrayOfString(users.uids().toArray(String[]::new));
        };
    }
}
