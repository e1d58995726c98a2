package dev.herald.messaging;

import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads who is in channels and on their lists: what has changed of it since a revision. */
final class RosterTable {
    /** Before the first revision: since then everybody came. */
    static final long NOTHING = -1;

    /** Changes of one channel in one answer: decoding more would keep others waiting. */
    static final int MOST = 5_000;

    /**
     * A membership changed last when it ended, or else when it began. The lists are read whole: they are short where they are
     * used as meant, and entries that go leave no trace.
     */
    private static final String SINCE = """
            with known as materialized (select * from unnest($1::bigint[], $2::bigint[]) as k(channel, revision))
            select pk as channel, revision, null as uid, 'channel' as part from channel where pk = any($1::bigint[])
            union all
            select k.channel, null, m.uid, case when m.until is null then 'come' else 'gone' end
            from known k cross join lateral (
                select uid, until from member
                where channel = k.channel and coalesce(until, since) > k.revision and (until is null or k.revision > %d)
                order by coalesce(until, since) limit %d + 1) m
            union all
            select channel, null, uid, case when allowed then 'whitelist' else 'blacklist' end
            from listed where channel = any($1::bigint[])""".formatted(NOTHING, MOST);

    private final PgClients pg;

    RosterTable(PgClients pg) {
        this.pg = pg;
    }

    /**
     * What became of one channel.
     *
     * @param revision that it is at now
     * @param come who is in now and came since; whoever left before is among the gone, too
     */
    record Change(long revision, List<String> come, List<String> gone, Set<String> blacklist, Set<String> whitelist) {
        /** False if more changed than one answer holds. */
        boolean isWhole() {
            return come.size() + gone.size() <= MOST;
        }

        Roster of(Set<String> members) {
            return new Roster(Amended.of(members, gone, come), blacklist, whitelist);
        }
    }

    /** @param revisions by primary key of the channel; only those that there are have an answer */
    Future<Map<Long, Change>> since(Map<Long, Long> revisions) {
        return pg.statements()
                .preparedQuery(SINCE)
                .execute(Columns.of(revisions.entrySet())
                        .longs(Map.Entry::getKey)
                        .longs(Map.Entry::getValue)
                        .tuple())
                .map(rows -> {
                    Map<Long, Reading> readings = new HashMap<>();
                    rows.forEach(row -> readings.computeIfAbsent(row.getLong("channel"), pk -> new Reading())
                            .take(row));
                    Map<Long, Change> changes = new HashMap<>();
                    readings.forEach((pk, reading) -> changes.put(pk, reading.change()));
                    return changes;
                });
    }

    /** A change as far as its rows have been looked at. */
    private static final class Reading {
        private final List<String> come = new ArrayList<>();
        private final List<String> gone = new ArrayList<>();
        private final Set<String> blacklist = new HashSet<>();
        private final Set<String> whitelist = new HashSet<>();
        private long revision;

        void take(Row row) {
            String uid = row.getString("uid");
            switch (row.getString("part")) {
                case "come" -> come.add(uid);
                case "gone" -> gone.add(uid);
                case "blacklist" -> blacklist.add(uid);
                case "whitelist" -> whitelist.add(uid);
                default -> revision = row.getLong("revision");
            }
        }

        Change change() {
            return new Change(revision, come, gone, Set.copyOf(blacklist), Set.copyOf(whitelist));
        }
    }
}
