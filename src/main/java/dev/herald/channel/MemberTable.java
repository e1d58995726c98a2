package dev.herald.channel;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.stream.Stream;

/** Writes membership intervals; the caller holds the lock of the channel's row. */
final class MemberTable {
    /** Whoever joins, again or for the first time, has nothing to catch up with; a live channel is no conversation. */
    private static final String OPEN = """
            with put as (
                insert into member (channel, uid, since, read_seq, active_at)
                select c.pk, uid, $2, c.last_seq, case when c.channel_type <> 9 then now() end
                from channel c, (select distinct unnest($3::text[]) as uid) joining where c.pk = $1
                on conflict (channel, uid) where until is null do update
                    set read_seq = excluded.read_seq, active_at = coalesce(member.active_at, excluded.active_at)
                    where member.read_seq < excluded.read_seq
                        or (member.active_at is null and excluded.active_at is not null)
                returning since)
            select count(*) from put where since = $2""";

    private static final String END = """
            with gone as (
                update member set until = $2, closed_at = now(), active_at = null %s
                where channel = $1 and until is null and %s
                returning uid)
            select count(*) from gone""";

    private static final String CLOSE = END.formatted("from unnest($3::text[]) leaver", "uid = leaver");
    private static final String CLOSE_OTHERS =
            END.formatted("", "not exists (select from unnest($3::text[]) stays where stays = uid)");

    private final SqlConnection tx;
    private final Channel channel;
    private final long revision;

    MemberTable(SqlConnection tx, Channel channel, long revision) {
        this.tx = tx;
        this.channel = channel;
        this.revision = revision;
    }

    /** How many came or went; whom the channel's id names stays. */
    Future<Integer> apply(MemberEdit edit) {
        List<String> insiders = channel.key().insiders();
        return switch (edit) {
            case MemberEdit.Keep keep -> Future.succeededFuture(0);
            case MemberEdit.Add add -> run(OPEN, add.uids());
            case MemberEdit.Remove remove ->
                run(
                        CLOSE,
                        remove.uids().stream()
                                .filter(uid -> !insiders.contains(uid))
                                .toList());
            case MemberEdit.Replace replace ->
                run(
                                CLOSE_OTHERS,
                                Stream.concat(replace.uids().stream(), insiders.stream())
                                        .toList())
                        .compose(gone -> run(OPEN, replace.uids()).map(come -> gone + come));
        };
    }

    private Future<Integer> run(String sql, List<String> uids) {
        return tx.preparedQuery(sql)
                .execute(Tuple.of(channel.pk(), revision, uids.toArray(String[]::new)))
                .map(rows -> Math.toIntExact(rows.iterator().next().getLong(0)));
    }
}
