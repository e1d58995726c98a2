package dev.herald.fanout.rebuild;

import dev.herald.command.CommandLog;
import dev.herald.fanout.inbox.CoalesceKey;
import dev.herald.fanout.inbox.Readers;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL knows of inboxes that Redis may have lost: see decision 005 for why nothing is missing. */
public final class LostEntries {
    /** Sequences that an inbox cannot have given in the second or so that its durable state is old. */
    public static final int SKIP = 100_000;

    private static final String CURSORS = """
            select uid, device_flag, seq, floor, as_of, fresh, tail + $2 * greatest(1, $3 - epoch) as base
            from device_cursor where uid = any($1::text[])""";

    /** For the entries of one page: well within the lease of a fan-out that waits for them. */
    public static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Whether there is more to look through for one user than is worth it; quick to answer for anybody. */
    private static final String TOO_MANY = """
            select coalesce(max(c.id), 0) as newest, $3 = (
                select count(*) from (
                    select from member m join cmd c on c.channel = m.channel and c.id > $2 and c.done_at is not null
                    where m.uid = $1 limit $3) found) as are_many
            from cmd c""";

    /** Times the bound of an inbox. */
    private static final int MANY = 20;

    /** Where nobody has acknowledged anything, no command is missing for being noted late. */
    private static final OffsetDateTime NEVER = OffsetDateTime.of(9999, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private static final String IS_ADDRESSED =
            "(m.since > 0 or (select ch.channel_type from channel ch where ch.pk = m.channel) <> 1) and "
                    + CommandLog.ADDRESSES;

    /**
     * Pending commands are left to their fan-out. Of those with one coalescing key the newest stands for all. The sides of
     * a person channel, members since 0 as those of an agent channel are, have no commands there.
     */
    private static final String ENTRIES = """
            select k.uid, e.ids, e.keys, coalesce(ended.id, 0) as ended, coalesce(k.floor < ended.id or k.as_of <= ended.done_at, false) as is_cut
            from unnest($1::text[], $2::bigint[], $3::timestamptz[]) k(uid, floor, as_of)
            left join cmd_ended ended on true
            cross join lateral (
                select array_agg(id order by id) as ids, array_agg(key order by id) as keys
                from (
                    select id, key from (
                        select distinct on (a.key, case when a.key is null then a.id end) a.id, a.key
                        from (
                            select c.id, c.coalesce_key as key from member m
                            join cmd c on c.channel = m.channel and c.id > k.floor and %1$s
                            where m.uid = k.uid and c.done_at is not null
                            union all
                            select c.id, c.coalesce_key from member m
                            join cmd c on c.channel = m.channel and c.id <= k.floor and c.done_at >= k.as_of and %1$s
                            where m.uid = k.uid
                            union all
                            select c.id, c.coalesce_key from cmd c
                            where c.uids @> array[k.uid] and c.done_at is not null
                              and (c.id > k.floor or c.done_at >= k.as_of)) a
                        order by a.key, case when a.key is null then a.id end, a.id desc) newest
                    order by id desc limit $4) kept) e""".formatted(IS_ADDRESSED);

    private final Pool pg;
    private final int bound;
    private final String limit;

    /**
     * @param pg where nobody waits behind what takes long
     * @param bound most entries that one inbox is given again
     */
    public LostEntries(Pool pg, int bound, Duration patience) {
        this.pg = pg;
        this.bound = bound;
        this.limit = "set local statement_timeout = %d; set local lock_timeout = %d"
                .formatted(patience.toMillis(), patience.toMillis() / 2);
    }

    /**
     * @param base sequence that no lost entry can have had or exceeded
     * @param cursors by device flag
     * @param marks of readers that lack something and may not have been told, as fields beside the cursors
     * @param pointers the commands that may be missing, in order of their ids, as the end of their pointers
     * @param last of what was cut, the highest command id: a further cut is another occasion
     * @param cut why the list is short, though it has readers that were to get more; null if it is whole
     */
    record Known(
            String uid,
            long base,
            Map<Integer, Long> cursors,
            Set<String> marks,
            List<String> pointers,
            long last,
            @Nullable String cut) {}

    /** In the first epoch nothing was ever lost, so there is nothing to ask for. */
    Future<List<Known>> of(List<String> uids, long epoch) {
        if (epoch == 1) {
            return Future.succeededFuture(uids.stream()
                    .map(uid -> new Known(uid, 0, Map.of(), Set.of(), List.of(), 0, null))
                    .toList());
        }
        return pg.preparedQuery(CURSORS)
                .execute(Tuple.of(uids.toArray(String[]::new), (long) SKIP, epoch))
                .compose(rows -> {
                    Map<String, Reach> reaches = new LinkedHashMap<>();
                    uids.forEach(uid -> reaches.put(uid, new Reach()));
                    for (Row row : rows) {
                        reaches.computeIfAbsent(row.getString("uid"), uid -> new Reach())
                                .add(row);
                    }
                    return entries(reaches, epoch);
                });
    }

    private Future<List<Known>> entries(Map<String, Reach> reaches, long epoch) {
        Tuple arguments = Columns.of(reaches.entrySet())
                .texts(Map.Entry::getKey)
                .longs(each -> each.getValue().floor())
                .times(each -> each.getValue().asOf)
                .tuple()
                .addInteger(bound + 1);
        return pg.withTransaction(tx -> tx.query(limit).execute().compose(limited -> tx.preparedQuery(ENTRIES)
                        .execute(arguments)))
                .map(rows -> {
                    List<Known> all = new ArrayList<>();
                    rows.forEach(row ->
                            all.add(known(row, Objects.requireNonNull(reaches.get(row.getString("uid"))), epoch)));
                    return all;
                })
                .recover(cause -> reaches.size() == 1 && PgClients.tookTooLong(cause)
                        ? tooMany(reaches.entrySet().iterator().next(), epoch, cause)
                        : Future.failedFuture(cause));
    }

    /** Who is in so many busy channels that not all that came there can be looked through has too long a list. */
    private Future<List<Known>> tooMany(Map.Entry<String, Reach> user, long epoch, Throwable tookTooLong) {
        Reach reach = user.getValue();
        return pg.preparedQuery(TOO_MANY)
                .execute(Tuple.of(user.getKey(), reach.floor(), (long) MANY * bound))
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    if (!row.getBoolean("are_many")) {
                        return Future.failedFuture(tookTooLong);
                    }
                    reach.markCut();
                    return Future.succeededFuture(List.of(new Known(
                            user.getKey(),
                            reach.base(epoch),
                            reach.cursors,
                            reach.marks,
                            List.of(),
                            row.getLong("newest"),
                            "overflow")));
                });
    }

    private Known known(Row row, Reach reach, long epoch) {
        boolean isCut = row.getBoolean("is_cut");
        if (reach.base > 0 || isCut) {
            reach.markCut();
        }
        Long[] ids = Objects.requireNonNullElse(row.getArrayOfLongs("ids"), new Long[0]);
        List<String> pointers = pointers(row, ids);
        boolean tooLong = pointers.size() > bound;
        return new Known(
                row.getString("uid"),
                reach.base(epoch),
                reach.cursors,
                reach.marks,
                tooLong ? List.of() : pointers,
                tooLong ? ids[ids.length - 1] : row.getLong("ended"),
                tooLong ? "overflow" : isCut && !reach.cursors.isEmpty() ? "expired" : null);
    }

    private static List<String> pointers(Row row, Long[] ids) {
        String[] keys = row.getArrayOfStrings("keys");
        List<String> pointers = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            pointers.add(CoalesceKey.pointer(ids[i], keys[i]));
        }
        return pointers;
    }

    /** How far the readers of one inbox have got: the devices, and pulls that name none. */
    private static final class Reach {
        private final Map<Integer, Long> cursors = new LinkedHashMap<>();
        private final Set<String> marks = new LinkedHashSet<>();
        private long floor = Long.MAX_VALUE;
        private OffsetDateTime asOf = NEVER;
        private long base;

        void add(Row row) {
            base = Math.max(base, row.getLong("base"));
            int flag = row.getShort("device_flag");
            if (flag == Readers.NO_READER) {
                // A reader was forgotten: whether it was pulls, or pulls were to be told of it, nobody knows any more.
                marks.add(Readers.freshMark(Readers.PULL_FLAG));
                return;
            }
            cursors.put(flag, row.getLong("seq"));
            floor = Math.min(floor, row.getLong("floor"));
            OffsetDateTime noted = row.getOffsetDateTime("as_of");
            asOf = noted.isBefore(asOf) ? noted : asOf;
            if (row.getBoolean("fresh")) {
                marks.add(Readers.freshMark(flag));
            }
        }

        long floor() {
            return cursors.isEmpty() ? 0 : floor;
        }

        long base(long epoch) {
            return base == 0 ? SKIP * (epoch - 1) : base;
        }

        /** Whoever comes first to an inbox that has no reader is told that it was cut. */
        void markCut() {
            if (cursors.isEmpty()) {
                marks.add("cut");
            }
        }
    }
}
