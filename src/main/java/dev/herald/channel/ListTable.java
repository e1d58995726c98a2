package dev.herald.channel;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Writes black- and whitelists; the caller holds the lock of the channel's row. */
final class ListTable {
    /** Who is put on the blacklist has no conversation of the channel any more … */
    private static final String PUT = """
            with come as (
                insert into listed (channel, allowed, uid) select $1, $2, unnest($3::text[])
                on conflict do nothing returning uid
            ), ended as (
                update member m set active_at = null, deleted_seq = c.last_seq
                from come, channel c
                where not $2 and c.pk = $1 and m.channel = $1 and m.uid = come.uid and m.until is null)
            select count(*) from come""";

    /** … until it is taken off. */
    private static final String TAKE = """
            with gone as (delete from listed where channel = $1 and allowed = $2 and %s returning uid),
            revived as (
                update member m set active_at = now()
                from gone, channel c
                where not $2 and c.pk = $1 and c.channel_type <> 9
                    and m.channel = $1 and m.uid = gone.uid and m.until is null)
            select count(*) from gone""";

    private static final String TAKE_THESE = TAKE.formatted("uid = any($3::text[])");
    private static final String TAKE_OTHERS =
            TAKE.formatted("not exists (select from unnest($3::text[]) stays where stays = uid)");

    private final SqlConnection tx;
    private final long channel;

    ListTable(SqlConnection tx, long channel) {
        this.tx = tx;
        this.channel = channel;
    }

    /** How many came or went. */
    Future<Integer> apply(ListEdit edit) {
        return switch (edit.uids()) {
            case MemberEdit.Keep keep -> Future.succeededFuture(0);
            case MemberEdit.Add add -> run(PUT, edit.list(), add.uids());
            case MemberEdit.Remove remove -> run(TAKE_THESE, edit.list(), remove.uids());
            case MemberEdit.Replace replace ->
                run(TAKE_OTHERS, edit.list(), replace.uids())
                        .compose(gone -> run(PUT, edit.list(), replace.uids()).map(come -> gone + come));
        };
    }

    private Future<Integer> run(String sql, AccessList list, List<String> uids) {
        return tx.preparedQuery(sql)
                .execute(Tuple.of(channel, list.allowed(), uids.toArray(String[]::new)))
                .map(rows -> Math.toIntExact(rows.iterator().next().getLong(0)));
    }
}
