package dev.herald.channel;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Writes membership intervals; the caller holds the lock of the channel's row. */
final class MemberTable {
    private static final String OPEN = """
            insert into member (channel, uid, since) select $1, uid, $2 from unnest($3::text[]) uid
            on conflict (channel, uid) where until is null do nothing""";
    private static final String CLOSE = """
            update member set until = $2 from unnest($3::text[]) leaver
            where channel = $1 and uid = leaver and until is null""";
    private static final String CLOSE_OTHERS = """
            update member set until = $2
            where channel = $1 and until is null and not exists (select from unnest($3::text[]) stays where stays = uid)""";

    private final SqlConnection tx;
    private final long channel;
    private final long revision;

    MemberTable(SqlConnection tx, long channel, long revision) {
        this.tx = tx;
        this.channel = channel;
        this.revision = revision;
    }

    /** How many came or went. */
    Future<Integer> apply(MemberEdit edit) {
        return switch (edit) {
            case MemberEdit.Keep keep -> Future.succeededFuture(0);
            case MemberEdit.Add add -> run(OPEN, add.uids());
            case MemberEdit.Remove remove -> run(CLOSE, remove.uids());
            case MemberEdit.Replace replace ->
                run(CLOSE_OTHERS, replace.uids())
                        .compose(gone -> run(OPEN, replace.uids()).map(come -> gone + come));
        };
    }

    private Future<Integer> run(String sql, List<String> uids) {
        return tx.preparedQuery(sql)
                .execute(Tuple.of(channel, revision, uids.toArray(String[]::new)))
                .map(rows -> rows.rowCount());
    }
}
